"""The kinds of jobs that look at videos, a declaration each; and what it needs to begin one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from marinelayer.ports import Caller
from marinelayer.security.requirement import Requirement
from marinelayer.services.passing import to_pass

SERVICE = "rekognition.amazonaws.com"

KindName = Literal["labels", "texts", "moderation", "faces", "face search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoKind:
    """`name` stands in rows, `subject` in the names of operations; `model` is the member of answers that names what has
    looked, None where they have none."""

    name: KindName
    subject: str
    model: str | None

    @property
    def start(self) -> str:
        """The operation that begins a job."""
        return f"Start{self.subject}"

    @property
    def get(self) -> str:
        """The operation that tells what it found."""
        return f"Get{self.subject}"


LABELS = VideoKind(name="labels", subject="LabelDetection", model="LabelModelVersion")
TEXTS = VideoKind(name="texts", subject="TextDetection", model="TextModelVersion")
MODERATION = VideoKind(name="moderation", subject="ContentModeration", model="ModerationModelVersion")
FACES = VideoKind(name="faces", subject="FaceDetection", model=None)
FACE_SEARCH = VideoKind(name="face search", subject="FaceSearch", model=None)


def to_start(
    kind: VideoKind, *, on: Callable[[Mapping[str, Any], Caller], str] | None = None
) -> Callable[[Mapping[str, Any], Caller], Sequence[Requirement]]:
    """Needs of an operation that begins a job: the action of its name, on what `on` says (else on `*`), and
    iam:PassRole on the role that is to tell of its end."""

    def needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        resource = "*" if on is None else on(request, caller)
        own = Requirement(action=f"rekognition:{kind.start}", resource=resource)
        channel: Mapping[str, Any] | None = request.get("NotificationChannel")
        return [own] if channel is None else [own, to_pass(channel["RoleArn"], SERVICE)]

    return needs
