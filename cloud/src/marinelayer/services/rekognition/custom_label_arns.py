"""The ARNs of Custom Labels' projects, datasets and versions. Their last part is when they were made, in milliseconds.

    arn:aws:rekognition:REGION:ACCOUNT:project/NAME/TIME
    arn:aws:rekognition:REGION:ACCOUNT:project/NAME/dataset/train/TIME
    arn:aws:rekognition:REGION:ACCOUNT:project/NAME/version/VERSION/TIME

Source: service authorization reference, "Actions, resources, and condition keys for Amazon Rekognition".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marinelayer.ports import Caller

MILLISECOND = 1000


def project_arn(caller: Caller, name: str, time: int | str) -> str:
    """The ARN of a project; `time` in microseconds, or "*"."""
    return f"arn:aws:rekognition:{caller.region}:{caller.account}:project/{name}/{_shown(time)}"


def dataset_arn(project: str, kind: str, time: int | str) -> str:
    """The ARN of a project's dataset of a kind, TRAIN or TEST."""
    return f"{_named(project)}/dataset/{kind.lower()}/{_shown(time)}"


def version_arn(project: str, name: str, time: int | str) -> str:
    """The ARN of a project's version."""
    return f"{_named(project)}/version/{name}/{_shown(time)}"


def name_of(arn: str) -> str:
    """The name of the project that an ARN names, or belongs to."""
    return arn.split("/")[1]


def in_reach(arn: str, caller: Caller) -> bool:
    """Whether an ARN is of the caller's account and region: nobody reaches others'."""
    return arn.split(":")[3:5] == [caller.region, caller.account]


def on(member: str) -> Callable[[Mapping[str, Any], Caller], str]:
    """The resource that a member of the input names by its ARN, for `need`."""

    def resource(request: Mapping[str, Any], _: Caller) -> str:
        return request[member]

    return resource


def _named(project: str) -> str:
    """A project's ARN without its time."""
    return project.rpartition("/")[0]


def _shown(time: int | str) -> str:
    return str(time // MILLISECOND) if isinstance(time, int) else time
