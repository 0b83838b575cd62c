"""The photos that sample requests carry, all drawn here: scooters on the pavement, signs, potholes.

What models make of them, measured at eight seeds: to MobileNetV2 (ImageNet) each motor scooter is a `motor scooter`,
with 0.60 to 0.97; PicoDet-S (COCO) takes the same pictures for an aeroplane, and for a motorbike without the tilt. The
kick scooters are nothing to either, which have no such class. RapidOCR reads the signs' words. These are drawings: they
show that the way from photo to dispatch works, and say nothing of how well a model sees real streets.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw, ImageFont

from getitdone.samples.canvas import SCALE, Canvas, Colour
from getitdone.samples.vehicles import BODIES, Pen, kick_scooter, motor_scooter

WIDTH, HEIGHT = 640, 480
COMMENT = b"drawn by getitdone; not a photograph"
LABEL = {"made-by": "getitdone", "drawn": "yes"}
"""Metadata of every drawn photo in the images bucket: nobody shall take it for a citizen's."""

SIGNS: tuple[tuple[str, ...], ...] = (
    ("NO", "PARKING", "ANY TIME"),
    ("TOW AWAY", "ZONE"),
    ("NO STOPPING", "7 AM - 9 AM"),
    ("STREET", "SWEEPING", "FRIDAY"),
    ("LOADING", "ZONE ONLY"),
)
_RED: Colour = (178, 24, 32)
_GREEN: Colour = (18, 104, 62)


def motor_scooter_photo(seed: int) -> Image.Image:
    """A motor scooter on the pavement."""
    rng = random.Random(seed)  # noqa: S311 - a picture, not a secret
    canvas = _pavement(rng)
    unit = 330
    motor_scooter(Pen(canvas, (WIDTH / 2 - 0.88 * unit, 440), unit), rng.choice(BODIES))
    return canvas.finished(tilted=True)


def kick_scooter_photo(seed: int) -> Image.Image:
    """A kick scooter, or two, left on the pavement."""
    rng = random.Random(seed)  # noqa: S311 - as above
    canvas = _pavement(rng)
    unit = rng.uniform(240, 320)
    if rng.random() < 0.5:
        kick_scooter(Pen(canvas, (320, 380), unit * 0.8, mirrored=rng.random() < 0.5), rng.choice(BODIES))
    kick_scooter(Pen(canvas, (rng.uniform(90, 220), 440), unit), rng.choice(BODIES))
    return canvas.finished()


def sign_photo(seed: int) -> Image.Image:
    """A parking sign on its pole, with words to read."""
    rng = random.Random(seed)  # noqa: S311 - as above
    canvas = _pavement(rng)
    words = rng.choice(SIGNS)
    ink = rng.choice((_RED, _GREEN))
    left, top, right, bottom = 170.0, 40.0, 470.0, 300.0
    canvas.gradient((120, 124, 128), (84, 88, 92), (312, 30, 328, 470))
    canvas.shadow(
        [(left + 8, top + 8), (right + 8, top + 8), (right + 8, bottom + 8), (left + 8, bottom + 8)],
        blur=6,
        strength=0.5,
        smooth=False,
    )
    canvas.gradient((246, 246, 242), (226, 227, 224), (left, top, right, bottom))
    draw = ImageDraw.Draw(canvas.image)
    frame = [round(value * SCALE) for value in (left + 8, top + 8, right - 8, bottom - 8)]
    draw.rounded_rectangle(frame, radius=28, outline=ink, width=10)
    height = (bottom - top - 40) / len(words)
    for number, line in enumerate(words):
        font = _fitting(line, (right - left - 50) * SCALE, height * 0.72 * SCALE)
        middle = ((left + right) / 2 * SCALE, (top + 20 + height * (number + 0.5)) * SCALE)
        draw.text(middle, line, fill=ink, font=font, anchor="mm")
    return canvas.finished(blur=0.5)


def pothole_photo(seed: int) -> Image.Image:
    """A pothole in a road."""
    rng = random.Random(seed)  # noqa: S311 - as above
    canvas = Canvas(WIDTH, HEIGHT, rng)
    canvas.gradient((134, 134, 136), (96, 97, 100), (0, 0, WIDTH, HEIGHT))
    canvas.speckle((0, 0, WIDTH, HEIGHT), strength=26, size=2)
    canvas.shape([(40, 0), (64, 0), (20, HEIGHT), (-30, HEIGHT)], (222, 214, 180), (206, 196, 150), smooth=False)
    rim = [
        (320 + rng.uniform(0.8, 1.1) * 190 * x, 280 + rng.uniform(0.8, 1.1) * 96 * y)
        for x, y in ((-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7), (1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7))
    ]
    canvas.shape(rim, (110, 106, 100), (74, 72, 70))
    canvas.shape([(320 + (x - 320) * 0.86, 286 + (y - 280) * 0.8) for x, y in rim], (36, 35, 36), (66, 62, 58))
    return canvas.finished(grain=5)


KINDS: Mapping[str, Callable[[int], Image.Image]] = {
    "motor-scooter": motor_scooter_photo,
    "kick-scooter": kick_scooter_photo,
    "sign": sign_photo,
    "pothole": pothole_photo,
}


def jpeg(picture: Image.Image) -> bytes:
    """The picture as JPEG, with a comment that says who drew it."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, comment=COMMENT)
    return out.getvalue()


def is_drawn(photo: bytes) -> bool:
    """Whether the JPEG says that it was drawn here."""
    return COMMENT in photo[:4096]


def _pavement(rng: random.Random) -> Canvas:
    """A wall, and the pavement before it."""
    canvas = Canvas(WIDTH, HEIGHT, rng)
    canvas.gradient((196, 188, 176), (170, 160, 148), (0, 0, WIDTH, 270))
    canvas.gradient((176, 176, 174), (150, 150, 150), (0, 270, WIDTH, HEIGHT))
    canvas.speckle((0, 270, WIDTH, HEIGHT), strength=10, size=2)
    return canvas


def _fitting(line: str, width: float, height: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, as large as the line may be."""
    size = height
    font = ImageFont.load_default(size)
    wide = font.getlength(line)
    return ImageFont.load_default(size * width / wide) if wide > width else font
