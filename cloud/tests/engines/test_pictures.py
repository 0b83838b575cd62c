"""The picture engines on real input: what is drawn is read, what is photographed is named."""

import asyncio
import io
import itertools
import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.ports import BadImageError, EngineUnavailableError, ImageTooLargeError, ImageTooSmallError

from .conftest import saved_as, sign
from .test_decoding import png_header

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading() -> AsyncIterator[Engines]:
    engines = open_engines(None, workers=1)
    yield engines
    await engines.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeing(shared_models: Path) -> AsyncIterator[Engines]:
    engines = open_engines(shared_models, workers=1)
    yield engines
    await engines.close()


async def test_a_sign_is_read_line_by_line_and_word_by_word(reading: Engines) -> None:
    texts = await reading.texts.read(sign("TOW AWAY", "ZONE"))
    assert [line.text for line in texts.lines] == ["TOW AWAY", "ZONE"]
    assert [[word.text for word in line.words] for line in texts.lines] == [["TOW", "AWAY"], ["ZONE"]]
    assert all(90 < line.confidence <= 100 for line in texts.lines)
    assert texts.engine.name == "PP-OCRv6-small"


async def test_the_corners_are_where_the_text_is(reading: Engines) -> None:
    (line,) = (await reading.texts.read(sign("HELLO", at=(320, 200)))).lines
    (left, top), (right, _), (_, bottom), _ = line.corners
    assert 0.48 < left < 0.52
    assert 0.5 < top < 0.56
    assert 0.7 < right < 0.85
    assert 0.6 < bottom < 0.72


async def test_text_that_moves_in_the_picture_moves_its_box(reading: Engines) -> None:
    (before,) = (await reading.texts.read(sign("HELLO", at=(60, 60)))).lines
    (after,) = (await reading.texts.read(sign("HELLO", at=(260, 260)))).lines
    for (x1, y1), (x2, y2) in zip(before.corners, after.corners, strict=True):
        assert abs(x2 - x1 - 200 / 640) < 0.02
        assert abs(y2 - y1 - 200 / 400) < 0.02


async def test_an_exif_orientation_is_honoured(reading: Engines) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    on_its_side = Image.open(io.BytesIO(sign("NO PARKING"))).rotate(-90, expand=True)
    texts = await reading.texts.read(saved_as(on_its_side, "JPEG", exif=exif, quality=95))
    assert [line.text for line in texts.lines] == ["NO PARKING"]


async def test_an_empty_picture_has_no_text(reading: Engines) -> None:
    assert (await reading.texts.read(sign())).lines == ()


async def test_bad_pictures_are_refused(reading: Engines) -> None:
    whole = sign("STOP")
    for data, error in (
        (b"hello", BadImageError),
        (whole[: len(whole) // 2], BadImageError),
        (png_header(20_000, 20_000), ImageTooLargeError),
        (sign("STOP", size=(79, 400)), ImageTooSmallError),
    ):
        with pytest.raises(error):
            await reading.texts.read(data)


async def test_without_model_files_labels_say_what_to_install(reading: Engines) -> None:
    with pytest.raises(EngineUnavailableError, match=r"picodet_s_416_coco\.onnx.*mobilenet"):
        await reading.labels.labels(sign("STOP"))
    with pytest.raises(BadImageError):
        await reading.labels.labels(b"hello")


async def test_the_drawn_signs_of_the_evaluation_are_read(reading: Engines, evaluation: Path) -> None:
    signs = json.loads((evaluation / "ocr" / "signs.json").read_text())[::6]
    right = total = 0
    for each in signs:
        texts = await reading.texts.read((evaluation / "ocr" / each["file"]).read_bytes())
        read = [word.text for line in texts.lines for word in line.words]
        total += len(each["words"])
        right += sum(word["text"] in read for word in each["words"])
    assert right / total >= 0.9, f"{right} of {total} words"


VOC = {"dog": "Dog", "cat": "Cat", "bicycle": "Bicycle", "motorbike": "Motorcycle", "bus": "Bus", "train": "Train"}


async def test_what_is_in_photos_is_named_and_located(seeing: Engines, evaluation: Path) -> None:
    found = total = 0
    photos = sorted((evaluation / "labels" / "images").glob("*.jpg"))
    for photo in photos:
        objects = ET.parse(evaluation / "labels" / "voc_xml" / f"{photo.stem}.xml").findall("object")
        wanted = {VOC[name] for each in objects if (name := each.findtext("name") or "") in VOC}
        if wanted:
            labels = await seeing.labels.labels(photo.read_bytes())
            named = {label.name for label in labels.labels if label.confidence >= 55 and label.boxes}
            total += len(wanted)
            found += len(wanted & named)
    assert total >= 8
    assert found / total >= 0.8, f"{found} of {total} labels"


async def test_labels_are_ranked_and_name_both_engines(seeing: Engines, evaluation: Path) -> None:
    labels = await seeing.labels.labels((evaluation / "labels" / "images" / "2007_000364.jpg").read_bytes())
    assert [engine.name for engine in labels.engines] == ["PicoDet-S-416-COCO", "MobileNetV2-ImageNet"]
    confidences = [label.confidence for label in labels.labels]
    assert confidences == sorted(confidences, reverse=True)
    moped = next(label for label in labels.labels if label.name == "Moped")
    assert moped.confidence > 55
    assert moped.boxes == (), "a classifier knows no place"
    assert "Scooter" not in {label.name for label in labels.labels}


async def test_a_second_bus_adds_a_box(seeing: Engines, evaluation: Path) -> None:
    bus = Image.open(evaluation / "labels" / "images" / "2007_000648.jpg").convert("RGB")
    canvas = Image.new("RGB", (bus.width * 2, bus.height * 2), "grey")
    counts: list[int] = []
    for place in ((0, 0), (bus.width, bus.height)):
        canvas.paste(bus, place)
        labels = await seeing.labels.labels(saved_as(canvas, "JPEG", quality=95))
        boxes = next(label.boxes for label in labels.labels if label.name == "Bus")
        counts.append(sum(confidence > 55 for _, confidence in boxes))
    assert counts == [1, 2]


async def test_with_one_of_the_two_models_the_other_answers(tmp_path: Path, shared_models: Path) -> None:
    (tmp_path / "detector.onnx").write_bytes((shared_models / "picodet_s_416_coco.onnx").read_bytes())
    engines = open_engines(tmp_path, workers=1)
    labels = await engines.labels.labels(sign("STOP"))
    assert [engine.name for engine in labels.engines] == ["PicoDet-S-416-COCO"]
    await engines.close()


async def test_pictures_at_the_same_time_are_not_mixed_up(reading: Engines) -> None:
    words = ["STOP", "YIELD", "EXIT", "NORTH"]
    read = await asyncio.gather(*(reading.texts.read(sign(word)) for word in itertools.chain(words, words)))
    assert [[line.text for line in texts.lines] for texts in read] == [[word] for word in words + words]
