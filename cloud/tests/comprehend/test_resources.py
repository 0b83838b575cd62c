"""Models, endpoints and jobs as they are stored, on each database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from marinelayer.ports import Caller, Tables
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.comprehend.arns import ResourceName
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.models import forget_model, remove_forgotten, summarised
from marinelayer.services.comprehend.resources import Resource, change_resource, put_resource, require_resource
from marinelayer.services.comprehend.tags import add_tags, remove_tags
from marinelayer.services.paging import PageTokens

CALLER = Caller(
    identity=ANONYMOUS_IDENTITY, account="1" * 12, region="us-east-1", request_id="r", authoriser=cast("Any", None)
)


class Open:
    """A keyring that hides nothing."""

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        return secret + purpose.encode()

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        if not wrapped.endswith(purpose.encode()):
            raise ValueError
        return wrapped.removesuffix(purpose.encode())


def model(name: str = "c", version: str = "", created: int = 1, **members: Any) -> Resource:
    named = ResourceName(account="1" * 12, region="us-east-1", kind="document-classifier", name=name, version=version)
    known = {"label": name, "status": "SUBMITTED", "created": created, "document": {"Id": f"{created:032x}"}}
    return Resource(name=named, **(known | members))


async def test_a_resource_is_stored_changed_tagged_and_found_as_it_is(tables: Tables) -> None:
    made = model(tags={"a": "1"})
    assert await tables.write(put_resource, made) == made
    changed = replace(made.told(Mode="MULTI_CLASS"), status="TRAINED", message="m", ended=9, blob_id="b", model="x")
    await tables.write(change_resource, changed)
    await tables.write(add_tags, made.arn, {"b": "2"})
    await tables.write(remove_tags, made.arn, ["a"])
    assert await tables.read(require_resource, made.arn) == replace(changed, tags={"b": "2"})
    with pytest.raises(ResourceNotFoundException):
        await tables.read(require_resource, made.arn + "-other")


async def test_a_token_stands_for_one_request_and_a_name_for_one_resource(tables: Tables) -> None:
    made = model(token="t", digest="d")
    assert await tables.write(put_resource, made) is made
    again = await tables.write(put_resource, replace(made, created=2, document={"Id": "other"}))
    assert again == made
    with pytest.raises(InvalidRequestException):
        await tables.write(put_resource, replace(made, digest="e"))
    with pytest.raises(ResourceInUseException):
        await tables.write(put_resource, replace(made, token=None))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_pages_have_everything_once_the_newest_first_and_the_oldest_before_a_time(
    tables: Tables, size: int
) -> None:
    # Three of each were made at the same time.
    made = [model(f"c{n}", created=1_000_000 * (1 + n // 3)) for n in range(7)]
    for one in made:
        await tables.write(put_resource, one)
    lists = Lists(tables, PageTokens(Open()))

    async def listed(**chosen: Any) -> list[str]:
        request: dict[str, Any] = {"MaxResults": size, "Filter": chosen}
        arns: list[str] = []
        while True:
            page, more = await lists.page(CALLER, "document-classifier", request)
            arns += [one.name.name for one in page]
            if not more:
                return arns
            request |= more

    assert await listed() == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]
    assert await listed(SubmitTimeBefore=datetime.fromtimestamp(3, UTC)) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert await listed(SubmitTimeAfter=datetime.fromtimestamp(1, UTC)) == ["c6", "c5", "c4", "c3"]
    assert await listed(DocumentClassifierName="c4") == ["c4"]
    assert await listed(Status="TRAINED") == []


async def test_a_name_is_summarised_by_its_latest_version(tables: Tables) -> None:
    for version, created in (("v1", 1), ("v2", 2)):
        await tables.write(put_resource, model("c", version, created))
    await tables.write(put_resource, model("d", "", 3))
    found = dict(await tables.read(summarised, CALLER, "document-classifier", "", 10))
    assert (found["c"]["NumberOfVersions"], found["c"]["LatestVersionName"]) == (2, "v2")
    assert "LatestVersionName" not in found["d"]


async def test_a_model_that_is_used_or_still_learns_is_not_forgotten(tables: Tables) -> None:
    made = model()
    await tables.write(put_resource, made)
    with pytest.raises(ResourceInUseException, match="SUBMITTED"):
        await tables.write(forget_model, made.arn, 5)
    await tables.write(change_resource, replace(made, status="TRAINED"))
    job = ResourceName(account="1" * 12, region="us-east-1", kind="document-classification-job", name="j")
    using = replace(model(), name=job, status="IN_PROGRESS", model=made.arn)
    await tables.write(put_resource, using)
    with pytest.raises(ResourceInUseException, match="used by"):
        await tables.write(forget_model, made.arn, 5)
    await tables.write(change_resource, replace(using, status="COMPLETED"))
    await tables.write(forget_model, made.arn, 5)
    assert (await tables.read(require_resource, made.arn)).status == "DELETING"
    await tables.write(remove_forgotten, made.arn)
    with pytest.raises(ResourceNotFoundException):
        await tables.read(require_resource, made.arn)
