"""Starting and stopping models.

A model that runs takes no memory by itself: the engine's workers load it when it is first asked, and remember it. To
start it is to find that what it looks at of pictures is on this machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import CustomLabelDetector, Engine, EngineUnavailableError, Tables
from marinelayer.services.rekognition.version_rows import SQL, set_status

START = "rekognition.version.start"
STOP = "rekognition.version.stop"


class RunningModels:
    """The jobs that start and stop models."""

    def __init__(self, tables: Tables, detector: CustomLabelDetector) -> None:
        self._tables = tables
        self._detector = detector

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {START: self.start, STOP: self.stop}

    async def start(self, job: Job) -> None:
        """Load what a model looks at, and say that it runs."""
        arn: str = json.loads(job.payload)["version"]
        row = await self._tables.read(lambda tx: tx.one(SQL.version, arn=arn))
        if row is None:
            return
        try:
            result = json.loads(row["result"])
            await self._detector.ready(features_of(result), objects=locates(result))
        except EngineUnavailableError as error:
            await self._tables.write(set_status, arn, "FAILED", f"The model can not run on this machine: {error}")
            return
        await self._tables.write(set_status, arn, "RUNNING", "The model is running.")

    async def stop(self, job: Job) -> None:
        """Say that it has stopped."""
        arn: str = json.loads(job.payload)["version"]
        await self._tables.write(set_status, arn, "STOPPED", "The model has stopped.")


def features_of(result: Mapping[str, Any]) -> Engine:
    """What the model of a training result looks at."""
    name, version = result["features"]
    return Engine(name=name, version=version)


def locates(result: Mapping[str, Any]) -> bool:
    """Whether the model of a training result finds things in pictures, rather than labels of pictures."""
    return result.get("located", False)
