"""A bucket is at home in one region, and asked for elsewhere it says where. Pure.

A host that names a region is that region's endpoint: what is signed for another one is malformed there, and a bucket of
another one is at another address. A host that names none stands for every region, as `BUCKET.s3.amazonaws.com` does:
there the signature must be made for the bucket's own. Either way a client learns the region, and can sign anew.

Regions that were opened since 2014 know no Signature Version 2.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html and how AWS's SDKs follow these errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from marinelayer.model.errors import Refusal
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.security.claim import UNSUPPORTED_MECHANISM, VERSION_2
from marinelayer.security.refusals import PermanentRedirect
from marinelayer.security.requirement import Requirement, ResourceAccess
from marinelayer.security.scope import wrong_region

_GLOBAL: Final = "us-east-1"
_ANYWHERE: Final = "s3:GetBucketLocation"
"""What us-east-1 tells of every bucket: clients ask it for the region."""
_OLD_REGIONS: Final = frozenset(
    {
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "us-gov-west-1",
        "eu-west-1",
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "sa-east-1",
    }
)
"""Those that were opened before 2014, and take Signature Version 2."""


@dataclass(slots=True, kw_only=True)
class AskedBucket:
    """How a request asks for its bucket. `scheme` and `region` are those of its signature (None without one, "" where
    it has no region), `endpoint` the region that its host names, `head` whether no error document can be sent."""

    name: str
    scheme: str | None = None
    region: str = ""
    endpoint: str | None = None
    head: bool = False

    def demand_home(self, requirement: Requirement, resource: ResourceAccess) -> None:
        """Let a requirement on the bucket pass where the bucket is asked for at home.

        Raises:
            MalformedCredentials, AuthorizationQueryParametersError: it is signed for another region.
            PermanentRedirect: it is asked for at another region's address.
            InvalidRequest: its region does not know how it is signed.
        """
        home = resource.region
        if home is None or home == self.region == (self.endpoint or home) or not self._is_on_it(requirement):
            return
        if self.scheme in VERSION_2 and home not in _OLD_REGIONS:
            raise InvalidRequest(UNSUPPORTED_MECHANISM)
        if self.region == _GLOBAL and requirement.action == _ANYWHERE:
            return
        refusal = self._refusal(home)
        if refusal is not None:
            refusal.headers = (("x-amz-bucket-region", home),)
            raise refusal

    def _is_on_it(self, requirement: Requirement) -> bool:
        arn = f"arn:aws:s3:::{self.name}"
        return requirement.resource == arn or requirement.resource.startswith(arn + "/")

    def _refusal(self, home: str) -> Refusal | None:
        expected = self.endpoint or home
        signed = self.scheme is not None and bool(self.region)
        if signed and self.region != expected and not (self.head and self.endpoint is None):
            return wrong_region(self.scheme or "", self.region, expected)
        if expected != home or (signed and self.region != home):
            return PermanentRedirect(Endpoint=f"{self.name}.s3.{home}.amazonaws.com", Bucket=self.name)
        return None
