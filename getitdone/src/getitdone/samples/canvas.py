"""Drawing with shade: smooth shapes with a gradient, soft shadows, lines, and the grain of a photograph.

Pictures are drawn at twice their size and reduced at the end. Knows nothing of what is drawn.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
SCALE = 2
TILT = (1.0, 0.0, 0.0, 0.2, 1.0, -60.0, 0.0005, 0.0)
"""Pillow's perspective coefficients: the camera stands a little to the left."""


class Canvas:
    """A picture of `width` x `height` points that shapes are drawn on, the later over the earlier."""

    def __init__(self, width: int, height: int, rng: random.Random) -> None:
        self.width = width
        self.height = height
        self.rng = rng
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), (200, 205, 208))

    def gradient(self, top: Colour, bottom: Colour, box: tuple[float, float, float, float]) -> None:
        """A rectangle, shaded from above to below."""
        left, upper, right, lower = (round(value * SCALE) for value in box)
        self.image.paste(_gradient((right - left, lower - upper), top, bottom), (left, upper))

    def shape(
        self, points: Sequence[Point], light: Colour, dark: Colour, *, smooth: bool = True, edge: Colour | None = None
    ) -> None:
        """A filled shape through the points, rounded where `smooth`, shaded from `light` above to `dark` below."""
        outline = _spline(points) if smooth else list(points)
        scaled = [(x * SCALE, y * SCALE) for x, y in outline]
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon(scaled, fill=255)
        box = mask.getbbox()
        if box is None:
            return
        fill = _gradient((box[2] - box[0], box[3] - box[1]), light, dark)
        self.image.paste(fill, box[:2], mask.crop(box))
        if edge:
            ImageDraw.Draw(self.image).line([*scaled, scaled[0]], fill=edge, width=2)

    def ellipse(self, centre: Point, rx: float, ry: float, light: Colour, dark: Colour) -> None:
        """A shaded ellipse."""
        x, y = centre
        turns = [2 * math.pi * at / 32 for at in range(32)]
        self.shape([(x + rx * math.cos(turn), y + ry * math.sin(turn)) for turn in turns], light, dark)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line with round ends and joints."""
        draw = ImageDraw.Draw(self.image)
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        wide = round(width * SCALE)
        draw.line(scaled, fill=colour, width=wide, joint="curve")
        for x, y in scaled:
            draw.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=colour)

    def shadow(self, points: Sequence[Point], *, blur: float, strength: float, smooth: bool = True) -> None:
        """Darken what lies below a shape, softly; `strength` 0 to 1."""
        mask = Image.new("L", self.image.size, 0)
        fill = round(255 * strength)
        outline = _spline(points) if smooth else points
        ImageDraw.Draw(mask).polygon([(x * SCALE, y * SCALE) for x, y in outline], fill=fill)
        mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE))
        self.image.paste((18, 20, 24), (0, 0), mask)

    def glow(self, centre: Point, rx: float, ry: float, *, strength: float) -> None:
        """Lighten softly, as a reflection does."""
        mask = Image.new("L", self.image.size, 0)
        x, y = centre
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        ImageDraw.Draw(mask).ellipse(box, fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(min(rx, ry) * SCALE / 2))
        self.image.paste((255, 255, 255), (0, 0), mask)

    def speckle(self, box: tuple[float, float, float, float], *, strength: float, size: float = 1.0) -> None:
        """Grain within a box, as asphalt and stone have it."""
        left, upper, right, lower = (round(value * SCALE) for value in box)
        width, height = right - left, lower - upper
        small = (max(1, round(width / size)), max(1, round(height / size)))
        noise = self._noise(small, strength).resize((width, height), Image.Resampling.BILINEAR)
        region = self.image.crop((left, upper, right, lower))
        grey = Image.merge("RGB", (noise, noise, noise))
        self.image.paste(ImageChops.add(region, grey, offset=-128), (left, upper))

    def finished(self, *, blur: float = 0.6, grain: float = 2.0, tilted: bool = False) -> Image.Image:
        """The picture at its size, a little soft and grainy, as a phone takes it; `tilted` looks at it from an
        angle."""
        photo = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        photo = photo.filter(ImageFilter.GaussianBlur(blur))
        if tilted:
            photo = photo.transform(
                photo.size, Image.Transform.PERSPECTIVE, TILT, Image.Resampling.BICUBIC, fillcolor=(190, 182, 170)
            )
        noise = self._noise(photo.size, grain)
        return ImageChops.add(photo, Image.merge("RGB", (noise, noise, noise)), offset=-128)

    def _noise(self, size: tuple[int, int], strength: float) -> Image.Image:
        # Pillow's own noise has no seed: bytes of ours, narrowed around the middle, have one
        raw = Image.frombytes("L", size, self.rng.randbytes(size[0] * size[1]))
        return raw.point([round(128 + (value - 127.5) * strength / 74) for value in range(256)])


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((max(1, size[0]), max(1, size[1])))
    return Image.composite(Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp)


def _spline(points: Sequence[Point], steps: int = 10) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    curve: list[Point] = []
    count = len(points)
    for at in range(count):
        p0, p1, p2, p3 = (points[(at + offset) % count] for offset in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            curve.append((_catmull(p0[0], p1[0], p2[0], p3[0], t), _catmull(p0[1], p1[1], p2[1], p3[1], t)))
    return curve


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
