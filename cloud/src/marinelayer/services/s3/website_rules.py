"""What a website's configuration may say. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_WebsiteConfiguration.html and .../API_RoutingRule.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest, MalformedXML
from marinelayer.services.s3.errors import InvalidRedirectLocation

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import Condition, Redirect, WebsiteConfiguration

MOST_RULES = 50
LONGEST_LOCATION = 2048
_PROTOCOLS = ("http", "https")


def check_website(configuration: WebsiteConfiguration) -> None:
    """What PutBucketWebsite takes.

    Raises:
        InvalidArgument, InvalidRequest: in S3's words.
        MalformedXML: an element is empty that may not be.
    """
    everything = configuration.get("RedirectAllRequestsTo")
    if everything is not None:
        if len(configuration) > 1:
            raise InvalidArgument(
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                ArgumentName="RedirectAllRequestsTo",
                ArgumentValue="not null",
            )
        if not everything["HostName"]:
            raise InvalidRequest('A host name must be provided to redirect all requests (e.g. "example.com").')
        _check_protocol(everything.get("Protocol"))
        return
    _check_documents(configuration)
    rules = configuration.get("RoutingRules")
    if rules is None:
        return
    if not rules:
        raise MalformedXML
    if len(rules) > MOST_RULES:
        raise InvalidRequest(
            f"{len(rules)} routing rules provided, the number of routing rules in a website configuration is limited "
            f"to {MOST_RULES}."
        )
    for rule in rules:
        if "Condition" in rule:
            _check_condition(rule["Condition"])
        _check_redirect(rule["Redirect"])


def check_redirect_location(location: str | None) -> None:
    """Raises InvalidRedirectLocation unless an object may lead there."""
    if not location:
        return
    if not location.startswith(("/", "http://", "https://")):
        raise InvalidRedirectLocation
    if len(location) > LONGEST_LOCATION:
        raise InvalidRedirectLocation("The length of website redirect location cannot exceed 2,048 characters.")


def _check_documents(configuration: WebsiteConfiguration) -> None:
    index = configuration.get("IndexDocument")
    if index is None:
        raise InvalidArgument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            ArgumentName="IndexDocument",
            ArgumentValue="null",
        )
    if not index["Suffix"] or "/" in index["Suffix"]:
        raise InvalidArgument(
            "The IndexDocument Suffix is not well formed", ArgumentName="IndexDocument", ArgumentValue=index["Suffix"]
        )
    if "ErrorDocument" in configuration and not configuration["ErrorDocument"]["Key"]:
        raise MalformedXML


def _check_condition(condition: Condition) -> None:
    status = condition.get("HttpErrorCodeReturnedEquals")
    if status is None and "KeyPrefixEquals" not in condition:
        raise InvalidRequest(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't "
            "be present."
        )
    if status is not None and not 400 <= _number(status) < 600:
        raise InvalidRequest(f"The provided HTTP error code ({status}) is not valid. Valid codes are 4XX or 5XX.")


def _check_redirect(redirect: Redirect) -> None:
    if not redirect:
        raise MalformedXML
    _check_protocol(redirect.get("Protocol"))
    if redirect.get("HostName") == "":
        raise InvalidRequest(
            "The HostName cannot be blank. To redirect within the same domain, the element should not be present."
        )
    if "ReplaceKeyPrefixWith" in redirect and "ReplaceKeyWith" in redirect:
        raise InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    code = redirect.get("HttpRedirectCode")
    if code is not None and not 300 < _number(code) < 400:
        raise InvalidRequest(f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300.")


def _check_protocol(protocol: str | None) -> None:
    if protocol is not None and protocol not in _PROTOCOLS:
        raise InvalidRequest(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected "
            "automatically."
        )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 3):
        raise MalformedXML
    return int(text)
