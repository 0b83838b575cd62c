"""ports.VideoReader: videos are read in a worker, which gets their bytes as it asks for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.ports import Frame, VideoFacts

LIMITS = Limits(queue=64, patience=24 * 3600, deadline=120, pace=10, tasks=0, memory=0)
"""A worker reads one video, and goes. In all it has two minutes, and ten seconds for each MiB."""


def open_videos(spool: Path | None) -> VideoEngine:
    """The adapter, with a supervisor of its own. `spool` as for `open_engines`."""
    options = {"spool": str(spool.resolve()) if spool is not None else None}
    return VideoEngine(Supervisor("marinelayer.engines.vision.videos_task", options=options, limits=LIMITS))


class VideoEngine:
    """Reads videos. `supervisor` runs `engines.vision.videos_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def close(self) -> None:
        """End the worker, and with it the video that it reads."""
        await self._supervisor.close()

    async def frames(self, pieces: AsyncGenerator[bytes], *, every: int) -> AsyncGenerator[VideoFacts | Frame]:
        """See ports.VideoReader."""

        async def answer(_: Mapping[str, Any]) -> bytes:
            async for piece in pieces:
                if piece:
                    return piece
            return b""

        async with aclosing(pieces), aclosing(self._supervisor.converse({"every": every}, answer)) as told:
            async for header, payload in told:
                if "facts" in header:
                    yield VideoFacts(**header["facts"])
                else:
                    yield Frame(time=header["time"], picture=payload)
