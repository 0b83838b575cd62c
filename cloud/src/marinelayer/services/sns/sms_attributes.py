"""What an account says of its SMS in a region: who they come from, and of which type they are, where a message does not
say so itself.

What is said goes to the SMS gateway with each message. SMS have no price here, so that no limit of spending is ever
reached; deliveries are not logged to CloudWatch, nor reported to a bucket.

Source: https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html and
https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html; refusals as AWS was recorded to say them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.sns.errors import InvalidParameter
from marinelayer.services.sns.store import SQL

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire

_TYPES = ("Promotional", "Transactional")
_SENDER = re.compile(r"(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,11}")
_UNSERVED = ("DeliveryStatusIAMRole", "UsageReportS3Bucket")
_NEVER_SET = {"MonthlySpendLimit": "1"}
"""What is told where nothing was set."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How an SMS is sent: the sender's id, "" for none, and the type of the message."""

    sender_id: str = ""
    sms_type: str = "Promotional"


def sending(tx: Transaction, account: str, region: str, attributes: Mapping[str, Mapping[str, str]]) -> Sending:
    """How a message with these attributes (each a Type and a Value) is sent: as it says itself, else as its account
    said."""
    row = tx.one(SQL.sms_attributes, account=account, region=region)
    said: Mapping[str, str] = json.loads(row["attributes"]) if row else {}
    own = {name: shown["Value"] for name, shown in attributes.items()}
    return Sending(
        sender_id=own.get("AWS.SNS.SMS.SenderID") or said.get("DefaultSenderID", ""),
        sms_type=own.get("AWS.SNS.SMS.SMSType") or said.get("DefaultSMSType", "Promotional"),
    )


class SmsAttributes:
    """The attributes of an account and region."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("SetSMSAttributes", needs=need("sns:SetSMSAttributes"))
    async def set(self, caller: Caller, request: wire.SetSMSAttributesInput) -> wire.SetSMSAttributesResponse:
        """Set those that are given; the others stay as they are."""
        for name, value in request["attributes"].items():
            _check(name, value)
        await self._tables.write(_set, caller.account, caller.region, request["attributes"])
        return {}

    @operation("GetSMSAttributes", needs=need("sns:GetSMSAttributes"))
    async def get(self, caller: Caller, request: wire.GetSMSAttributesInput) -> wire.GetSMSAttributesResponse:
        """Those that are asked for, or all; what was never set is left out."""
        said = await self._tables.read(_get, caller.account, caller.region)
        asked = request.get("attributes")
        return {"attributes": {name: value for name, value in said.items() if not asked or name in asked}}


def _check(name: str, value: str) -> None:
    if name in _UNSERVED:
        raise OperationNotImplemented(f"The SMS attribute {name} is not implemented here.")
    match name:
        case "DefaultSMSType" if value not in _TYPES:
            raise InvalidParameter("DefaultSMSType is invalid")
        case "DefaultSenderID" if not _SENDER.fullmatch(value):
            raise InvalidParameter("DefaultSenderID is invalid")
        case "MonthlySpendLimit" if not re.fullmatch(r"[0-9]{1,9}", value):
            raise InvalidParameter("MonthlySpendLimit is invalid")
        case "DeliveryStatusSuccessSamplingRate" if not re.fullmatch(r"[0-9]{1,2}|100", value):
            raise InvalidParameter("DeliveryStatusSuccessSamplingRate is invalid")
        case "DefaultSMSType" | "DefaultSenderID" | "MonthlySpendLimit" | "DeliveryStatusSuccessSamplingRate":
            return
        case _:
            raise InvalidParameter(f"{name} is not a valid attribute")


def _get(tx: Transaction, account: str, region: str) -> dict[str, str]:
    row = tx.one(SQL.sms_attributes, account=account, region=region)
    return {**_NEVER_SET, **(json.loads(row["attributes"]) if row else {})}


def _set(tx: Transaction, account: str, region: str, given: Mapping[str, str]) -> None:
    row = tx.one(SQL.sms_attributes, account=account, region=region)
    said: Mapping[str, str] = json.loads(row["attributes"]) if row else {}
    tx.run(SQL.put_sms_attributes, account=account, region=region, attributes=json.dumps({**said, **given}))
