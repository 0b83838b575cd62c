"""What runs must remember: a JSON object in a bucket, changed only by conditional writes.

Two runs at once can not overwrite each other's changes: a write succeeds only on the version that was read
(`If-Match`, or `If-None-Match: *` for the first), else the change is made again on what the other wrote. SDKs repeat
a write whose answer was lost, and the repetition then finds its own work and fails: so a change must be safe to make
again on its own result.

S3: "Add preconditions to S3 operations with conditional requests", Amazon S3 User Guide.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from getitdone.errors import ConditionFailed, DataError, NotFound
from getitdone.objects import Objects

Model = TypeVar("Model", bound=BaseModel)
Result = TypeVar("Result")
ATTEMPTS = 12


class StateObject(Generic[Model]):
    """One pydantic model, kept as `key` in `bucket`; where there is no object it is `model()`."""

    def __init__(self, objects: Objects, bucket: str, key: str, model: type[Model]) -> None:
        self._objects = objects
        self._bucket = bucket
        self._key = key
        self._model = model

    def read(self) -> Model:
        """What is kept now.

        Raises:
            DataError: the object is not of this model.
        """
        return self._load()[0]

    def change(self, change: Callable[[Model], Result]) -> Result:
        """Let `change` alter what is kept, and keep it; its result. It may be called again on a newer state.

        Raises:
            ConditionFailed: others kept writing in between, time after time.
        """
        for attempt in range(ATTEMPTS):
            state, etag = self._load()
            before = state.model_dump_json()
            result = change(state)
            after = state.model_dump_json()
            if after == before:
                return result
            try:
                self._objects.put_if(
                    self._bucket, self._key, after.encode(), content_type="application/json", etag=etag
                )
            except (ConditionFailed, NotFound) as error:
                if isinstance(error, NotFound) and error.code == "NoSuchBucket":
                    raise
                time.sleep(random.uniform(0, 0.05 * 2 ** min(attempt, 5)))  # noqa: S311 - spreads runs, hides nothing
                continue
            return result
        raise ConditionFailed(f"{self._bucket}/{self._key} was written by others {ATTEMPTS} times in between")

    def _load(self) -> tuple[Model, str | None]:
        try:
            stored = self._objects.get(self._bucket, self._key)
        except NotFound as error:
            if error.code == "NoSuchBucket":
                raise
            return self._model(), None
        try:
            return self._model.model_validate_json(stored.body), stored.etag
        except ValidationError as error:
            raise DataError(
                f"{self._bucket}/{self._key} is not what this version of getitdone keeps there; "
                f"use the version that wrote it, or move the object away"
            ) from error
