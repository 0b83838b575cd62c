"""Looks before the leap: can the cloud be reached, are the buckets there, and is what must be private private?

Whether something is public is found out the way a stranger would, by asking without credentials; ACLs and policies
are read as well, where we may, since "anyone with an AWS account" can not be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from getitdone.aws import Aws, domain_errors
from getitdone.config import Settings
from getitdone.contacts import load_contacts
from getitdone.errors import AccessRefused, CloudError, DataError, GetItDoneError, NotFound, NotOffered
from getitdone.objects import Objects
from getitdone.reports.files import INDEX


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: `ok`, `warning` (works, but look), or `failed`."""

    name: str
    state: Literal["ok", "warning", "failed"]
    detail: str


def check(settings: Settings, aws: Aws, objects: Objects) -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    yield _credentials(aws)
    names = settings.buckets
    everything = dict.fromkeys((names.requests, names.images, names.contacts, names.state, names.dispatches))
    there: list[str] = []
    for bucket in (*everything, names.reports):
        finding = _bucket(objects, bucket)
        if finding.state == "ok":
            there.append(bucket)
        yield finding
    yield _topics(aws)
    for bucket in everything:
        if bucket in there:
            yield _private(objects, bucket)
    if names.contacts in there:
        yield from _contacts(settings, objects)
    if names.reports in there:
        yield _site(settings, objects)


def _credentials(aws: Aws) -> Finding:
    name = "credentials"
    try:
        with domain_errors():
            return Finding(name=name, state="ok", detail=aws.sts.get_caller_identity()["Arn"])
    except NotOffered:
        return Finding(name=name, state="warning", detail="this cloud does not say who we are (no STS)")
    except GetItDoneError as error:
        return Finding(name=name, state="failed", detail=str(error))


def _bucket(objects: Objects, bucket: str) -> Finding:
    name = f"bucket {bucket}"
    try:
        if objects.exists(bucket):
            return Finding(name=name, state="ok", detail="reachable")
        return Finding(name=name, state="failed", detail="missing; `getitdone load` makes it")
    except GetItDoneError as error:
        return Finding(name=name, state="failed", detail=str(error))


def _topics(aws: Aws) -> Finding:
    try:
        with domain_errors():
            aws.sns.list_topics()
    except GetItDoneError as error:
        return Finding(name="topics", state="failed", detail=str(error))
    return Finding(name="topics", state="ok", detail="can be listed")


def _private(objects: Objects, bucket: str) -> Finding:
    public, unknown = _ways_in(
        {
            "anyone can list it": lambda: objects.stranger_may_list(bucket),
            "its ACL grants something to a group": lambda: bool(objects.grants_to_groups(bucket)),
            "its policy is public": lambda: objects.policy_is_public(bucket),
        }
    )
    return _privacy(f"{bucket} is private", public, unknown)


def _contacts(settings: Settings, objects: Objects) -> Iterator[Finding]:
    bucket, key = settings.buckets.contacts, settings.alerts.contacts_key
    try:
        listed = load_contacts(settings, objects)
    except DataError as error:
        yield Finding(name="contacts", state="warning", detail=str(error))
        return
    except GetItDoneError as error:
        yield Finding(name="contacts", state="failed", detail=str(error))
        return
    detail = f"{len(listed.contacts)} people"
    if listed.problems:
        yield Finding(name="contacts", state="warning", detail="; ".join([detail, *listed.problems]))
    else:
        yield Finding(name="contacts", state="ok", detail=detail)
    public, unknown = _ways_in(
        {
            "anyone can read it": lambda: objects.stranger_may_read(bucket, key),
            "its ACL grants something to a group": lambda: bool(objects.grants_to_groups(bucket, key)),
        }
    )
    yield _privacy(f"{bucket}/{key} is private", public, unknown)


def _ways_in(ways: dict[str, Callable[[], bool]]) -> tuple[list[str], list[str]]:
    """The ways that are open, and those that could not be looked at."""
    public: list[str] = []
    unknown: list[str] = []
    for sentence, is_open in ways.items():
        try:
            if is_open():
                public.append(sentence)
        except (NotOffered, AccessRefused, NotFound) as error:
            unknown.append(error.operation or error.code)
        except CloudError as error:
            unknown.append(str(error))
    return public, unknown


def _privacy(name: str, public: list[str], unknown: list[str]) -> Finding:
    if public:
        return Finding(name=name, state="failed", detail="; ".join(public))
    if unknown:
        return Finding(name=name, state="ok", detail=f"as far as we may look (not: {', '.join(unknown)})")
    return Finding(name=name, state="ok", detail="nobody else can read it")


def _site(settings: Settings, objects: Objects) -> Finding:
    bucket = settings.buckets.reports
    try:
        if objects.stranger_may_read(bucket, INDEX):
            if settings.reports.publish == "none":
                detail = "everyone can read it, though the settings say that it is not published"
                return Finding(name="report site", state="warning", detail=detail)
            return Finding(name="report site", state="ok", detail=objects.public_link(bucket, INDEX))
        objects.head(bucket, INDEX)
    except NotFound:
        return Finding(name="report site", state="ok", detail="nothing is published yet")
    except GetItDoneError as error:
        return Finding(name="report site", state="warning", detail=str(error))
    if settings.reports.publish == "none":
        return Finding(name="report site", state="ok", detail="not public, as the settings say")
    return Finding(name="report site", state="warning", detail="a stranger can not read it")
