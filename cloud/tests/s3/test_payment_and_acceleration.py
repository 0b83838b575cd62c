"""Who pays for requests, and buckets that are to be accelerated."""

from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.pipeline.authorise import RequestAuthoriser
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity
from marinelayer.security.requirement import Requirement

READ = Requirement(action="s3:GetObject", resource="arn:aws:s3:::photos/k")


async def set_payer(s3: Any, payer: str) -> None:
    await s3("PutBucketRequestPayment", Bucket="photos", RequestPaymentConfiguration={"Payer": payer})


async def test_the_owner_pays_unless_requesters_are_set_to(s3: Any) -> None:
    for payer in ("BucketOwner", "Requester", "BucketOwner"):
        await set_payer(s3, payer)
        assert await s3("GetBucketRequestPayment", Bucket="photos") == {"Payer": payer}


class Asked:
    """A request of someone: whether it is let in, and who is charged."""

    def __init__(self, s3: Any, identity: Identity, *, agrees: bool) -> None:
        self.charged = False
        access = {"s3": s3.service.access}
        self.authoriser = RequestAuthoriser(identity, {}, access, agrees_to_pay=agrees, charge=self._charge)

    def _charge(self) -> None:
        self.charged = True

    async def outcome(self) -> str:
        decision = await self.authoriser.decide(READ)
        return "charged" if decision.allowed and self.charged else decision.outcome


async def test_other_accounts_are_let_in_when_they_agree_to_pay_and_strangers_never(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"1", ACL="public-read")
    everyone = (s3.bob, ANONYMOUS_IDENTITY, s3.alice)

    async def outcomes(*, agrees: bool) -> list[str]:
        return [await Asked(s3, who, agrees=agrees).outcome() for who in everyone]

    assert await outcomes(agrees=False) == ["allow", "allow", "allow"]
    assert await outcomes(agrees=True) == ["allow", "allow", "allow"]
    await set_payer(s3, "Requester")
    assert await outcomes(agrees=False) == ["implicit-deny", "implicit-deny", "allow"]
    assert await outcomes(agrees=True) == ["charged", "implicit-deny", "allow"]
    await set_payer(s3, "BucketOwner")
    assert await outcomes(agrees=False) == ["allow", "allow", "allow"]


async def test_who_does_not_pay_is_told_no_more_than_access_denied(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"1", ACL="public-read")
    await set_payer(s3, "Requester")
    asked = Asked(s3, s3.bob, agrees=False)
    assert not await asked.authoriser.may(READ)
    with pytest.raises(AccessDenied) as caught:
        await asked.authoriser.demand(READ)
    assert caught.value.message == "Access Denied"
    (reason,) = [one for one in (await asked.authoriser.decide(READ)).reasons if one.source == "requester pays"]
    assert reason.effect == "filtered"


async def test_agreeing_to_pay_allows_nothing_by_itself(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"1")
    await set_payer(s3, "Requester")
    asked = Asked(s3, s3.bob, agrees=True)
    assert await asked.outcome() == "implicit-deny"
    assert not asked.charged


def test_public_objects_of_requester_pays_buckets_are_closed_to_anonymous_readers(
    client: Any, bucket: str, cloud: Any
) -> None:
    import urllib.error
    import urllib.request

    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ACL="public-read")
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    request = urllib.request.Request(f"{cloud.endpoint_url}/{bucket}/k", headers={"x-amz-request-payer": "requester"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as refused:
        assert refused.code == 403
        assert b"<Code>AccessDenied</Code>" in refused.read()
    assert "RequestCharged" not in s3.get_object(Bucket=bucket, Key="k", RequestPayer="requester")
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


async def test_acceleration_is_kept_and_shown(s3: Any) -> None:
    assert await s3("GetBucketAccelerateConfiguration", Bucket="photos") == {}
    for status in ("Enabled", "Suspended"):
        await s3("PutBucketAccelerateConfiguration", Bucket="photos", AccelerateConfiguration={"Status": status})
        assert await s3("GetBucketAccelerateConfiguration", Bucket="photos") == {"Status": status}
    with s3.refused("MalformedXML"):
        await s3("PutBucketAccelerateConfiguration", Bucket="photos", AccelerateConfiguration={})


async def test_no_accelerated_address_has_a_bucket_with_dots(s3: Any) -> None:
    await s3("CreateBucket", Bucket="my.photos")
    with s3.refused(
        "InvalidRequest", "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
    ):
        await s3("PutBucketAccelerateConfiguration", Bucket="my.photos", AccelerateConfiguration={"Status": "Enabled"})
