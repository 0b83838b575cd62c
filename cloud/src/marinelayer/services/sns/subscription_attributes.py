"""The attributes that a subscription may be given: read, and refused in AWS's words.

Subscribe names each refusal's cause as `Attributes Reason`, SetSubscriptionAttributes does not.

Source: https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.services.sns.errors import InvalidParameter
from marinelayer.services.sns.filtering import FilterPolicyError, Scope, read_filter_policy
from marinelayer.services.sns.store import Filter

_OF_AWS = frozenset({"DeliveryPolicy", "RedrivePolicy", "SubscriptionRoleArn", "ReplayPolicy"})
_SCOPES = frozenset({"MessageAttributes", "MessageBody"})


def read_attributes(attributes: Mapping[str, str], protocol: str) -> Filter:
    """The filter that Subscribe's attributes ask for.

    Raises:
        InvalidParameter: an attribute is none, or has a value that it can not have.
        OperationNotImplemented: it is one of AWS's that is lacking here.
    """
    before = "Invalid parameter: Attributes Reason: "
    wanted = Filter()
    # The scope first: it decides whether a policy may be nested.
    for name in sorted(attributes, reverse=True):
        wanted = _changed(wanted, name, attributes[name], protocol, before, f"{before}Unknown attribute name")
    return wanted


def with_attribute(present: Filter, name: str, value: str, protocol: str) -> Filter:
    """The filter of a subscription after SetSubscriptionAttributes.

    Raises:
        InvalidParameter: the attribute is none, or has a value that it can not have.
        OperationNotImplemented: it is one of AWS's that is lacking here.
    """
    return _changed(present, name, value, protocol, "Invalid parameter: ", "Invalid parameter: AttributeName")


def _changed(present: Filter, name: str, value: str, protocol: str, before: str, unknown: str) -> Filter:
    match name:
        case "RawMessageDelivery":
            _refuse_raw(value, protocol, before)
            return present
        case "FilterPolicyScope":
            if value not in _SCOPES:
                raise InvalidParameter(
                    f"{before}FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or "
                    "MessageAttributes"
                )
            changed = replace(present, scope=cast("Scope", value))
        case "FilterPolicy":
            changed = replace(present, policy=value)
        case _:
            if name in _OF_AWS:
                raise OperationNotImplemented(f"The subscription attribute {name} is not implemented here.")
            raise InvalidParameter(unknown)
    _check(changed, before)
    return changed


def _refuse_raw(value: str, protocol: str, before: str) -> None:
    if value.lower() not in {"true", "false"}:
        raise InvalidParameter(f"{before}RawMessageDelivery: Invalid value [{value}]. Must be true or false.")
    if value.lower() == "true":
        raise InvalidParameter(f"{before}Delivery protocol [{protocol}] does not support raw message delivery.")


def _check(wanted: Filter, before: str) -> None:
    if not wanted.policy:
        return
    try:
        policy = read_filter_policy(wanted.policy)
    except FilterPolicyError as error:
        raise InvalidParameter(f"{before}FilterPolicy: {error}") from None
    if policy.nested and wanted.scope == "MessageAttributes":
        raise InvalidParameter(f"{before}Filter policy scope MessageAttributes does not support nested filter policy")
