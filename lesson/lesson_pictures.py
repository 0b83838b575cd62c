"""Pictures for chapter 4: signs and streets are drawn here; the cat is a photo of the evaluation data.

Where that data does not lie beside the repository there is no photo, and no model that would be asked to see a cat.
"""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CAT = Path(__file__).resolve().parents[2] / "shared" / "data" / "engines" / "labels" / "images" / "2007_001185.jpg"
CAT_BOX = (197, 199, 289, 323)


def _jpeg(image):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


def sign_picture():
    """A parking sign in two lines."""
    image = Image.new("RGB", (640, 420), (120, 150, 170))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((60, 50, 580, 370), 24, fill=(250, 250, 245), outline=(180, 20, 30), width=8)
    draw.text((320, 150), "NO PARKING", font=ImageFont.load_default(72), fill=(180, 20, 30), anchor="mm")
    draw.text((320, 270), "8AM TO 6PM", font=ImageFont.load_default(56), fill=(180, 20, 30), anchor="mm")
    return _jpeg(image)


def street_picture():
    """A road with its kerb, and nothing on it."""
    image = Image.new("RGB", (640, 480), (150, 190, 225))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 480), (250, 200), (390, 200), (640, 480)], fill=(90, 90, 95))
    draw.polygon([(310, 480), (318, 200), (322, 200), (330, 480)], fill=(235, 220, 120))
    return _jpeg(image)


def scooter_picture():
    """A motor scooter from the side, in a few strokes."""
    image = Image.new("RGB", (480, 480), (205, 205, 200))
    draw = ImageDraw.Draw(image)
    for x in (130, 350):
        draw.ellipse((x - 60, 300, x + 60, 420), fill=(25, 25, 25))
        draw.ellipse((x - 25, 335, x + 25, 385), fill=(170, 170, 175))
    draw.polygon(
        [(90, 300), (110, 230), (230, 220), (250, 310), (330, 310), (300, 120), (330, 120), (380, 320)],
        fill=(170, 30, 40),
    )
    draw.rounded_rectangle((95, 195, 235, 230), 14, fill=(35, 30, 30))
    draw.line((315, 120, 280, 95), fill=(40, 40, 40), width=10)
    return _jpeg(image)


def cat_photo():
    """The part of a photo where a cat sits, where there is one."""
    return _jpeg(Image.open(CAT).convert("RGB").crop(CAT_BOX)) if CAT.exists() else street_picture()
