"""GetCallerIdentity tells everyone who they are, whatever they may."""

from __future__ import annotations

import pytest

from marinelayer.ports import Caller
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import service_table
from marinelayer.services.sts.caller_identity import CallerIdentity


class NobodyMay:
    async def may(self, requirement: Requirement) -> bool:
        raise AssertionError(requirement)

    async def demand(self, requirement: Requirement) -> None:
        raise AssertionError(requirement)

    async def why(self, requirement: Requirement) -> str:
        return ""

    def acting_as(self, identity: Identity) -> NobodyMay:
        raise AssertionError(identity)


@pytest.mark.parametrize(
    ("principal", "answer"),
    [
        (
            Principal(
                kind="root",
                account="320333787981",
                arn="arn:aws:iam::320333787981:root",
                unique_id="320333787981",
                canonical_id="c" * 64,
            ),
            {"UserId": "320333787981", "Account": "320333787981", "Arn": "arn:aws:iam::320333787981:root"},
        ),
        (
            Principal(
                kind="user",
                account="320333787981",
                arn="arn:aws:iam::320333787981:user/team/ann",
                unique_id="AIDAANN",
                name="ann",
                path="/team/",
            ),
            {"UserId": "AIDAANN", "Account": "320333787981", "Arn": "arn:aws:iam::320333787981:user/team/ann"},
        ),
    ],
)
async def test_a_caller_is_told_who_it_is_without_any_permission(principal: Principal, answer: dict[str, str]) -> None:
    declared = service_table("sts", (CallerIdentity(),)).operations["GetCallerIdentity"]
    caller = Caller(
        identity=Identity(principal=principal),
        account=principal.account,
        region="us-east-1",
        request_id="r-1",
        authoriser=NobodyMay(),
    )
    assert declared.needs({}, caller) == ()
    assert await declared.run(caller, {}) == answer
    assert declared.anonymous is False
