"""Taking pictures out of a video, in a worker: OpenCV's reader, on the FFmpeg that its package brings.

The video comes piece by piece into a file without a name that others could open, since containers are read to and fro.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.ports import BadVideoError

MOST_FRAMES = 20_000
"""Pictures that one video gives: of a longer one they lie further apart."""
LARGEST_SIDE = 4096
LONGEST = 1920
"""Pictures are scaled down to this: readers of text and things look at less."""
QUALITY = 92
CODECS = {
    "avc1": "h264",
    "h264": "h264",
    "x264": "h264",
    "hev1": "hevc",
    "hvc1": "hevc",
    "mp4v": "mpeg4",
    "fmp4": "mpeg4",
}
"""What FFmpeg calls the codecs that containers name so; others are told as they are named."""


class Talk(Protocol):
    """The cloud (engines.worker.Talk)."""

    def ask(self, header: Mapping[str, Any]) -> bytes:
        """The next piece of the video; nothing at its end."""
        ...

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        """What was found."""
        ...


class ReadVideos:
    """Reads one video after the other (engines.worker.TalkingTask). `spool` is the folder for the file."""

    def __init__(self, spool: str | None) -> None:
        self._spool = spool

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Tell what the video says of itself, then pictures of it, about one in `every` milliseconds."""
        with tempfile.NamedTemporaryFile(dir=self._spool, prefix="video-") as file:
            head = b""
            while piece := talk.ask({}):
                head = head or piece[:64]
                file.write(piece)
            file.flush()
            container = container_of(head)
            if container is None:
                raise BadVideoError("only MP4, MOV and AVI files can be read")
            capture = cv2.VideoCapture(file.name, cv2.CAP_FFMPEG)
            try:
                facts = _facts(capture, container)
                talk.tell({"facts": facts}, b"")
                for time, picture in _pictures(capture, facts, int(request["every"])):
                    talk.tell({"time": time}, _jpeg(picture))
            finally:
                capture.release()
        return {}


def container_of(head: bytes) -> str | None:
    """The container that a file's first bytes tell (ISO/IEC 14496-12, QuickTime, RIFF); None for any other."""
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head[4:8] == b"ftyp":
        return "mov" if head[8:12] == b"qt  " else "mp4"
    return "mov" if head[4:8] in {b"moov", b"mdat", b"wide", b"free"} else None


def _facts(capture: cv2.VideoCapture, container: str) -> dict[str, Any]:
    rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    if not capture.isOpened() or rate <= 0 or not 0 < max(width, height) <= LARGEST_SIDE:
        raise BadVideoError("the video can not be read")
    name = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little").decode("latin-1").strip("\0 ").lower()
    return {
        "codec": CODECS.get(name, name),
        "container": container,
        "duration": max(0, round(1000 * count / rate)),
        "frame_rate": rate,
        "width": width,
        "height": height,
    }


def _pictures(
    capture: cv2.VideoCapture, facts: Mapping[str, Any], every: int
) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """Pictures with their times: the first of the video, and the first at or after each further step."""
    step = max(every, -(-int(facts["duration"]) // MOST_FRAMES))
    due = 0
    number = 0
    while capture.grab():
        # Its own time where the container has one: not every video has its pictures at equal distances.
        time = round(max(capture.get(cv2.CAP_PROP_POS_MSEC), 0.0)) or round(1000 * number / float(facts["frame_rate"]))
        number += 1
        if time < due:
            continue
        whole, picture = capture.retrieve()
        if whole:
            yield time, np.asarray(picture, np.uint8)
            due = (time // step + 1) * step
    if not number:
        raise BadVideoError("the video has no picture that can be read")


def _jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    longest = max(picture.shape[:2])
    if longest > LONGEST:
        size = (round(picture.shape[1] * LONGEST / longest), round(picture.shape[0] * LONGEST / longest))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return encoded.tobytes()


def open_task(options: Mapping[str, Any]) -> ReadVideos:
    """The task. `spool` is the folder for the file."""
    cv2.setNumThreads(1)
    return ReadVideos(options.get("spool"))
