"""The stretches of time in which a video shows a label without a break, made of what its pictures show."""

from __future__ import annotations

from collections.abc import Sequence

from marinelayer.services.rekognition.video_finds import EVERY, Find


class Segments:
    """A segment of a label goes on for as long as no picture in between is without it. It says what the surest of its
    pictures says."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[int, int, Find]] = {}
        self._ended: list[Find] = []

    def go_on(self, time: int, finds: Sequence[Find]) -> None:
        """Take what the picture at `time` shows; pictures come in the order of time."""
        seen = {find.name: find for find in finds}
        for name in [name for name in self._open if name not in seen]:
            self._close(name)
        for name, find in seen.items():
            start, _, surest = self._open.get(name, (time, time, find))
            self._open[name] = (start, time, find if find.sure > surest.sure else surest)

    def ended(self) -> Sequence[Find]:
        """All segments, in the order of their beginnings."""
        for name in list(self._open):
            self._close(name)
        return sorted(self._ended, key=lambda find: (find.time, find.name))

    def _close(self, name: str) -> None:
        start, last, surest = self._open.pop(name)
        end = last + EVERY
        times = {
            "Timestamp": start,
            "StartTimestampMillis": start,
            "EndTimestampMillis": end,
            "DurationMillis": end - start,
        }
        document = {**surest.document, **times}
        self._ended.append(Find(list="segments", time=start, name=name, sure=surest.sure, document=document))
