"""What AWS's service authorization reference says: actions, the resources that they can be allowed on, condition keys.

Data (`service_authorization.toml`) for what explains and checks permissions; no decision looks at it. Pure.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A type of resources: the template of their ARNs (`${BucketName}`), and the condition keys that they give."""

    name: str
    arn: str
    keys: tuple[str, ...]

    def fits(self, arn: str) -> bool:
        """Whether an ARN may be one of a resource of this type, or a pattern for such."""
        return _shape(self.arn).fullmatch(arn) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action (`s3:GetObject`). `on` are the types of resources that it can be allowed on, none where it only can on
    `*`; `keys` its condition keys, those of the resources and of all the service's actions included."""

    name: str
    on: tuple[ResourceType, ...]
    keys: tuple[str, ...]


@cache
def actions() -> Mapping[str, Action]:
    """Every action that is known, by its name in lower case."""
    text = files("marinelayer.security").joinpath("service_authorization.toml").read_text("utf-8")
    read: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {action.name.lower(): action for prefix, one in read.items() for action in _actions(prefix, one)}


def services() -> frozenset[str]:
    """The prefixes of actions of the services whose actions are known."""
    return frozenset(name.partition(":")[0] for name in actions())


def _actions(prefix: str, service: Mapping[str, Any]) -> Iterator[Action]:
    types = {
        name: ResourceType(name=name, arn=one["arn"], keys=tuple(one.get("keys", ())))
        for name, one in service["resources"].items()
    }
    for group in service["actions"]:
        on = tuple(types[name] for name in group.get("on", ()))
        keys = (*group.get("keys", ()), *(key for one in on for key in one.keys), *service.get("keys", ()))
        for name in group["names"]:
            yield Action(name=f"{prefix}:{name}", on=on, keys=tuple(dict.fromkeys(keys)))


@cache
def _shape(template: str) -> re.Pattern[str]:
    """The template with a place for each value: a bucket's or topic's name ends before a slash, a path does not."""
    texts = re.split(r"(\$\{\w+\})", template)
    return re.compile("".join(_place(text) if text.startswith("${") else re.escape(text) for text in texts))


def _place(variable: str) -> str:
    if variable in ("${BucketName}", "${TopicName}"):
        return r"[^/:]+"
    if variable in ("${Partition}", "${Region}", "${Account}"):
        return r"[^:]*"
    return ".*" if variable.endswith("WithPath}") else ".+"
