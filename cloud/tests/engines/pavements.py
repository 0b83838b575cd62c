"""Pictures of pavements, drawn: each another one by its number, with leaves, cracks and bins, and things left on them.

What they have in common is what a camera of a city sees; what tells them apart is only the thing that was left there.
"""

import io
import math
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 256
THINGS = ("scooter", "mattress", "nothing")
Colour = tuple[int, int, int]
Point = tuple[float, float]


def pavement(number: int, *things: str) -> Image.Image:
    """The pavement of this number, with `things` (of THINGS) on it; always the same."""
    chance = random.Random(number)
    picture = _ground(chance)
    drawn = ImageDraw.Draw(picture)
    for _ in range(chance.randrange(3)):
        _bin(drawn, chance)
    for _ in range(chance.randrange(25)):
        _leaf(drawn, chance)
    for thing in things:
        if thing == "scooter":
            _scooter(drawn, chance)
        elif thing == "mattress":
            _mattress(drawn, chance)
    return _photographed(picture, chance)


def jpeg(picture: Image.Image) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


def _ground(chance: random.Random) -> Image.Image:
    grey, tint = chance.randrange(95, 190), chance.randrange(-14, 14)
    picture = Image.new("RGB", (SIDE, SIDE), (grey + tint, grey, grey - tint))
    drawn = ImageDraw.Draw(picture)
    joint = (grey - 35, grey - 35, grey - 38)
    tile, skew = chance.randrange(28, 90), chance.uniform(-0.5, 0.5)
    for at in range(-SIDE, 2 * SIDE, tile):
        drawn.line((at, 0, at + skew * SIDE, SIDE), fill=joint, width=2)
        drawn.line((0, at, SIDE, at - skew * SIDE), fill=joint, width=2)
    for _ in range(chance.randrange(4)):
        points = [(chance.randrange(SIDE), chance.randrange(SIDE))]
        for _ in range(8):
            points.append((points[-1][0] + chance.randrange(-25, 25), points[-1][1] + chance.randrange(-25, 25)))
        drawn.line(points, fill=(grey - 60, grey - 60, grey - 60), width=1)
    return picture


def _leaf(drawn: ImageDraw.ImageDraw, chance: random.Random) -> None:
    x, y, size = chance.randrange(SIDE), chance.randrange(SIDE), chance.randrange(3, 10)
    colour = chance.choice([(150, 110, 40), (110, 120, 40), (160, 70, 30), (90, 90, 50)])
    drawn.ellipse((x, y, x + size, y + size * chance.uniform(0.4, 0.9)), fill=colour)


def _bin(drawn: ImageDraw.ImageDraw, chance: random.Random) -> None:
    x, y, wide, high = (chance.randrange(low, most) for low, most in ((-20, 230), (-20, 230), (25, 50), (35, 70)))
    colour = chance.choice([(40, 80, 50), (60, 60, 70), (90, 70, 50), (30, 50, 90)])
    drawn.rounded_rectangle((x, y, x + wide, y + high), radius=5, fill=colour)
    drawn.rectangle((x - 3, y, x + wide + 3, y + 7), fill=(25, 25, 28))


def _scooter(drawn: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A deck with two wheels, a stem at a right angle or less, and the bar of the handles; lying as it fell."""
    length, angle = chance.uniform(75, 130), chance.uniform(0, 2 * math.pi)
    middle = chance.uniform(80, SIDE - 80), chance.uniform(80, SIDE - 80)
    body = chance.choice([(30, 30, 32), (60, 62, 66), (35, 60, 45), (70, 40, 90)])
    bright = chance.choice([(90, 200, 70), (240, 150, 30), (230, 60, 60), (240, 220, 60), (60, 160, 230)])
    lean = chance.choice([-1, 1]) * chance.uniform(0.9, 1.7)
    back, front = _from(middle, angle + math.pi, length / 2), _from(middle, angle, length / 2)
    top = _from(front, angle + lean, length * chance.uniform(0.85, 1.1))
    shadow = chance.uniform(2, 6)
    for offset, deck, stem in ((shadow, (45, 45, 45), (45, 45, 45)), (0, body, bright)):
        a, b, c = ((x + offset, y + offset) for x, y in (back, front, top))
        drawn.line((*a, *b), fill=deck, width=round(length / 8))
        drawn.line((*b, *c), fill=stem, width=max(3, round(length / 22)))
        bar = _from(c, angle + lean + math.pi / 2, length / 5), _from(c, angle + lean - math.pi / 2, length / 5)
        drawn.line((*bar[0], *bar[1]), fill=body, width=max(3, round(length / 28)))
        for x, y in (a, b):
            radius = length / 10
            drawn.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(20, 20, 20))
            drawn.ellipse((x - radius / 2, y - radius / 2, x + radius / 2, y + radius / 2), fill=stem)


def _mattress(drawn: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A pale, quilted rectangle at any angle."""
    angle, long, wide = chance.uniform(0, math.pi), chance.uniform(95, 150), chance.uniform(50, 85)
    middle = chance.uniform(80, SIDE - 80), chance.uniform(80, SIDE - 80)
    pale = chance.choice([(225, 220, 210), (210, 215, 225), (230, 225, 195)])
    ends = [_from(middle, angle + turn, long / 2) for turn in (0, math.pi)]
    corners = [_from(ends[n // 2], angle + (1 if n in {0, 3} else -1) * math.pi / 2, wide / 2) for n in range(4)]
    drawn.polygon([(x + 5, y + 5) for x, y in corners], fill=(50, 50, 50))
    drawn.polygon(corners, fill=pale, outline=(160, 155, 150))
    seam = (pale[0] - 35, pale[1] - 35, pale[2] - 35)
    for along in range(1, 7):
        for across in (-0.3, 0.0, 0.3):
            spot = _from(_from(ends[1], angle, long * along / 7), angle + math.pi / 2, across * wide)
            drawn.ellipse((spot[0] - 2, spot[1] - 2, spot[0] + 2, spot[1] + 2), fill=seam)


def _photographed(picture: Image.Image, chance: random.Random) -> Image.Image:
    """In the light of some hour, a little out of focus, with the grain of a sensor."""
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 1.1))), np.float32)
    across, down = np.meshgrid(np.linspace(-1, 1, picture.width), np.linspace(-1, 1, picture.height))
    light = 1 + chance.uniform(-0.25, 0.25) * across + chance.uniform(-0.25, 0.25) * down
    grain = np.random.default_rng(chance.randrange(1 << 30)).normal(0, chance.uniform(2, 9), pixels.shape)
    return Image.fromarray(
        (pixels * light[..., None] * chance.uniform(0.75, 1.2) + grain).clip(0, 255).astype(np.uint8)
    )


def _from(point: Point, angle: float, distance: float) -> Point:
    return point[0] + distance * math.cos(angle), point[1] + distance * math.sin(angle)


Placed = tuple[str, tuple[int, int, int, int]]
"""A thing, and its left, top, right and bottom in pixels."""


def littered(number: int, *things: str, size: tuple[int, int] = (384, 288)) -> tuple[Image.Image, list[Placed]]:
    """A larger pavement with `things` (of THINGS) at places and in sizes of their own, apart from each other, and with
    others that look like them: poles, which have no wheels, and sheets, which are not quilted."""
    chance = random.Random(number)
    picture = _ground(chance).resize((max(size), max(size))).crop((0, 0, *size)).convert("RGBA")
    drawn = ImageDraw.Draw(picture)
    for _ in range(chance.randrange(25)):
        _leaf(drawn, chance)
    taken: list[tuple[int, int, int, int]] = []
    placed: list[Placed] = []
    for thing in (*things, *chance.choices(("pole", "sheet", "bin"), k=chance.randrange(1, 4))):
        layer = Image.new("RGBA", (2 * SIDE, 2 * SIDE))
        _DRAWN[thing](ImageDraw.Draw(layer), chance)
        cut = layer.crop(layer.getbbox())
        box = _put(picture, cut, chance, taken)
        if box is not None and thing in things:
            placed.append((thing, box))
    return _photographed(picture.convert("RGB"), chance), placed


def moved(
    number: int, thing: str, places: Sequence[Point], size: tuple[int, int] = (384, 288)
) -> tuple[Image.Image, list[Placed]]:
    """The pavement of this number with the same thing, in the same size, at each of these places (of its middle, as
    fractions) and nothing else."""
    chance = random.Random(number)
    picture = _ground(chance).resize((max(size), max(size))).crop((0, 0, *size)).convert("RGBA")
    layer = Image.new("RGBA", (2 * SIDE, 2 * SIDE))
    _DRAWN[thing](ImageDraw.Draw(layer), chance)
    cut = layer.crop(layer.getbbox())
    cut.thumbnail((size[0] // 3, size[1] // 3))
    placed: list[Placed] = []
    for across, down in places:
        x, y = round(across * size[0] - cut.width / 2), round(down * size[1] - cut.height / 2)
        picture.alpha_composite(cut, (x, y))
        placed.append((thing, (x, y, x + cut.width, y + cut.height)))
    return _photographed(picture.convert("RGB"), random.Random(number)), placed


def _put(
    picture: Image.Image, cut: Image.Image, chance: random.Random, taken: list[tuple[int, int, int, int]]
) -> tuple[int, int, int, int] | None:
    """Put a thing where nothing else is; None where there is no such place."""
    for _ in range(40):
        longest = chance.uniform(0.22, 0.5) * max(picture.size)
        scale = longest / max(cut.size)
        wide, high = (max(4, round(side * scale)) for side in cut.size)
        x, y = chance.randrange(max(1, picture.width - wide)), chance.randrange(max(1, picture.height - high))
        box = (x, y, x + wide, y + high)
        if x + wide <= picture.width and y + high <= picture.height and not any(_meet(box, one) for one in taken):
            picture.alpha_composite(cut.resize((wide, high), Image.Resampling.LANCZOS), (x, y))
            taken.append(box)
            return box
    return None


def _meet(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _pole(drawn: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A bright stick with a dark one across it."""
    length, angle = chance.uniform(75, 130), chance.uniform(0, 2 * math.pi)
    bright = chance.choice([(90, 200, 70), (240, 150, 30), (230, 60, 60), (240, 220, 60), (60, 160, 230)])
    one, other = _from((SIDE, SIDE), angle, length / 2), _from((SIDE, SIDE), angle + math.pi, length / 2)
    drawn.line((*one, *other), fill=bright, width=max(3, round(length / 22)))
    bar = _from(one, angle + math.pi / 2, length / 5), _from(one, angle - math.pi / 2, length / 5)
    drawn.line((*bar[0], *bar[1]), fill=(35, 35, 38), width=max(3, round(length / 28)))


def _sheet(drawn: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A pale rectangle at any angle, plain."""
    angle, long, wide = chance.uniform(0, math.pi), chance.uniform(60, 150), chance.uniform(40, 85)
    pale = chance.choice([(225, 220, 210), (210, 215, 225), (230, 225, 195)])
    ends = [_from((SIDE, SIDE), angle + turn, long / 2) for turn in (0, math.pi)]
    corners = [_from(ends[n // 2], angle + (1 if n in {0, 3} else -1) * math.pi / 2, wide / 2) for n in range(4)]
    drawn.polygon(corners, fill=pale)


_DRAWN = {"scooter": _scooter, "mattress": _mattress, "bin": _bin, "pole": _pole, "sheet": _sheet}
