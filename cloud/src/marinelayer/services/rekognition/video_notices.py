"""That a job has ended, told to a topic of SNS as the role that was passed with it.

Source: https://docs.aws.amazon.com/rekognition/latest/dg/video-notification-payload.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from marinelayer.model.errors import AccessDenied, Refusal
from marinelayer.outbox import Job
from marinelayer.ports import Caller, Calls, Errand, ServiceRoles
from marinelayer.services.rekognition.errors import InvalidParameterException
from marinelayer.services.rekognition.video_kinds import SERVICE

_logger = logging.getLogger(__name__)


class VideoNotices:
    """Tells, through `calls`, as roles that trust Rekognition."""

    def __init__(self, calls: Calls, roles: ServiceRoles) -> None:
        self._calls = calls
        self._roles = roles

    async def demand_role(self, caller: Caller, role: str, job_id: str) -> None:
        """Refuse a role that could not tell.

        Raises:
            InvalidParameterException: it is none that Rekognition may assume.
        """
        try:
            await self._roles.assume(role, _errand(caller.account, caller.region, job_id))
        except AccessDenied:
            raise InvalidParameterException("Amazon Rekognition can not assume the role of the channel.") from None

    async def tell(self, job: Job) -> None:
        """Publish that a job has ended, as the role that was passed. What the topic or the role does not let is left
        out."""
        told: Mapping[str, Any] = json.loads(job.payload)
        channel = told["channel"]
        try:
            caller = await self._roles.assume(channel["RoleArn"], _errand(told["account"], told["region"], job.id))
            message = {"TopicArn": channel["SNSTopicArn"], "Message": json.dumps(told["message"])}
            await self._calls.call(caller, "sns", "Publish", message)
        except Refusal as refusal:
            _logger.warning("the end of a job could not be told to %s: %s", channel["SNSTopicArn"], refusal)


def _errand(account: str, region: str, name: str) -> Errand:
    return Errand(service=SERVICE, account=account, region=region, id=name)
