"""Refusals as every service words them, read by botocore's parsers."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from botocore.exceptions import ClientError

from marinelayer.http import BytesBody, Headers, Request, Response
from marinelayer.model import errors
from marinelayer.model.errors import AccessDenied, CommonError, InternalError, Refusal, ServiceError, UnknownOperation
from marinelayer.model.service import load_service
from marinelayer.model.supplements import wire_error
from marinelayer.protocol.dialect import dialect_of, write_unroutable_error

COMMON = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CommonError) and kind is not CommonError
]
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "s3": ("GetObject", {"Bucket": "my-bucket", "Key": "k"}),
    "iam": ("ListUsers", {}),
    "sts": ("GetCallerIdentity", {}),
    "sns": ("ListTopics", {}),
    "rekognition": ("ListCollections", {}),
    "comprehend": ("DetectSentiment", {"Text": "a", "LanguageCode": "en"}),
    "translate": ("ListLanguages", {}),
    "ec2": ("DescribeRegions", {}),
    "lambda": ("ListFunctions", {}),
    "route53": ("ListHostedZones", {}),
    "sqs": ("ListQueues", {}),
    "eventbridgev2": ("ListEventBuses", {}),
}


class NoSuchKey(ServiceError):
    """"""


class Teapot(ServiceError):
    """I'm a <teapot> & "short"."""

    status = 418


class TextSizeLimitExceeded(ServiceError):
    """Too long."""

    code = "TextSizeLimitExceededException"


class InvalidParameterValueException(ServiceError):
    """The parameter is invalid."""


class NotModified(ServiceError):
    """Not Modified"""


def seen(wire: Any, refused: Any, service: str, refusal: Refusal) -> tuple[str, str, int, dict[str, Any]]:
    """Code, message, status and the whole answer, as botocore sees them."""
    name, params = CALLS[service]
    with pytest.raises(ClientError) as caught:
        wire.call(service, name, params, lambda said: refused(said, refusal))
    response: Any = caught.value.response
    error = response["Error"]
    return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"], response


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("kind", COMMON)
def test_every_service_words_every_common_refusal(
    service: str, kind: type[CommonError], wire: Any, refused: Any
) -> None:
    if service == "eventbridgev2" and "ListEventBuses" not in load_service(service).operations:
        pytest.skip("this botocore's model has no such operation")
    expected = wire_error(load_service(service), kind("said so"))
    code, message, status, response = seen(wire, refused, service, kind("said so"))
    assert (code, message, status) == (expected.code, "said so", expected.status)
    assert response["ResponseMetadata"]["RequestId"] == "4442587FB7D0A2F9"


@pytest.mark.parametrize(
    ("service", "kind", "code", "status"),
    [
        ("s3", "AccessDenied", "AccessDenied", 403),
        ("iam", "AccessDenied", "AccessDenied", 403),
        ("sns", "AccessDenied", "AuthorizationError", 403),
        ("rekognition", "AccessDenied", "AccessDeniedException", 400),
        ("s3", "MissingCredentials", "AccessDenied", 403),
        ("sts", "MissingCredentials", "MissingAuthenticationToken", 403),
        ("comprehend", "MissingCredentials", "MissingAuthenticationTokenException", 400),
        ("s3", "UnknownAccessKey", "InvalidAccessKeyId", 403),
        ("iam", "UnknownAccessKey", "InvalidClientTokenId", 403),
        ("translate", "UnknownAccessKey", "UnrecognizedClientException", 400),
        ("s3", "SignatureMismatch", "SignatureDoesNotMatch", 403),
        ("sns", "SignatureMismatch", "SignatureDoesNotMatch", 403),
        ("rekognition", "SignatureMismatch", "InvalidSignatureException", 400),
        ("s3", "CredentialsExpired", "ExpiredToken", 400),
        ("sts", "CredentialsExpired", "ExpiredToken", 403),
        ("s3", "ClockSkew", "RequestTimeTooSkewed", 403),
        ("s3", "RequestExpired", "AccessDenied", 403),
        ("iam", "UnknownOperation", "InvalidAction", 400),
        ("comprehend", "UnknownOperation", "UnknownOperationException", 400),
        ("s3", "OperationNotImplemented", "NotImplemented", 501),
        ("lambda", "OperationNotImplemented", "NotImplemented", 501),
        ("s3", "Throttled", "SlowDown", 503),
        ("comprehend", "InternalError", "InternalServerException", 500),
        ("sns", "InternalError", "InternalError", 500),
    ],
)
def test_the_wording_is_that_of_aws(service: str, kind: str, code: str, status: int) -> None:
    error = wire_error(load_service(service), getattr(errors, kind)())
    assert (error.code, error.status) == (code, status)


def test_a_default_message_is_the_services_own_and_a_given_one_stays() -> None:
    s3 = load_service("s3")
    own = "The AWS Access Key Id you provided does not exist in our records."
    assert wire_error(s3, errors.UnknownAccessKey()).message == own
    assert wire_error(s3, errors.UnknownAccessKey("gone")).message == "gone"


def test_s3_takes_status_and_message_from_its_table(wire: Any, refused: Any) -> None:
    code, message, status, response = seen(wire, refused, "s3", NoSuchKey(Key="a<b>\x01\r"))
    assert (code, message, status) == ("NoSuchKey", "The specified key does not exist.", 404)
    assert response["ResponseMetadata"]["HostId"]


def test_s3_repeats_details_and_escapes_them() -> None:
    response = dialect_of(load_service("s3")).write_error(
        load_service("s3"), NoSuchKey(Key="a<b>\r\x01"), request_id="R1", host_id="H1"
    )
    assert response.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        b"<Message>The specified key does not exist.</Message><Key>a&lt;b&gt;&#13;\xef\xbf\xbd</Key>"
        b"<RequestId>R1</RequestId><HostId>H1</HostId></Error>"
    )
    assert ("x-amz-request-id", "R1") in response.headers
    assert ("x-amz-id-2", "H1") in response.headers


@pytest.mark.parametrize(("refusal", "head"), [(NoSuchKey(), True), (NotModified(), False)])
def test_answers_that_may_have_no_body_have_none(refusal: Refusal, head: bool) -> None:
    refusal.headers = (("etag", '"a"'),)
    s3 = load_service("s3")
    response = dialect_of(s3).write_error(s3, refusal, request_id="R", head=head)
    assert response.body == b""
    assert response.status == (404 if head else 304)
    assert ("etag", '"a"') in response.headers
    assert ("content-type" in dict(response.headers)) == (response.status != 304), (
        "a refused HEAD says what its document would be"
    )


@pytest.mark.parametrize("service", CALLS)
def test_an_error_of_ones_own_keeps_its_status_and_text(service: str, wire: Any, refused: Any) -> None:
    code, message, status, _ = seen(wire, refused, service, Teapot())
    assert (code, message, status) == ("Teapot", 'I\'m a <teapot> & "short".', 418)


def test_the_model_gives_a_service_errors_status_and_members(wire: Any, refused: Any) -> None:
    code, message, status, _ = seen(wire, refused, "comprehend", TextSizeLimitExceeded())
    assert (code, message, status) == ("TextSizeLimitExceededException", "Too long.", 400)


def test_a_shapes_name_is_turned_into_the_code_of_the_wire() -> None:
    sns = load_service("sns")
    error = wire_error(sns, InvalidParameterValueException())
    assert (error.code, error.status, error.sender_fault) == ("ParameterValueInvalid", 400, True)


def test_every_modelled_error_is_read_back_as_the_exception_of_its_client(wire: Any, refused: Any) -> None:
    for service, (operation, params) in list(CALLS.items())[:7]:
        client = wire.client(service, "http://localhost:4566", "path")
        for error in {error.code: error for error in load_service(service).errors.values()}.values():
            refusal = type(error.code, (ServiceError,), {"__doc__": "Said so."})()
            refusal.__class__.code = error.code
            with pytest.raises(client.exceptions.from_code(error.code)) as caught:
                wire.call(service, operation, params, lambda said, refusal=refusal: refused(said, refusal))
            assert caught.value.response["Error"]["Code"] == error.code
            if error.status:
                assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == error.status


# --- nobody can tell the service ---------------------------------------------------------------------------------


def request(method: str = "POST", **headers: str) -> Request:
    return Request(
        id="R", method=method, path="/x", query="", body=BytesBody(), scheme="http", host="localhost", peer="127.0.0.1",
        headers=Headers([(name.replace("_", "-"), value) for name, value in headers.items()]),
    )  # fmt: skip


def unroutable(asked: Request) -> tuple[Response, bytes]:
    response = write_unroutable_error(asked, UnknownOperation())
    assert isinstance(response.body, bytes)
    return response, response.body


def test_a_target_is_answered_in_json() -> None:
    response, body = unroutable(request(x_amz_target="Nobody.Does", content_type="application/x-amz-json-1.0"))
    assert response.status == 400
    assert b'"__type":"UnknownOperationException"' in body
    assert ("content-type", "application/x-amz-json-1.0") in response.headers


def test_a_form_is_answered_in_the_xml_of_query_services() -> None:
    response, body = unroutable(request(content_type="application/x-www-form-urlencoded"))
    assert response.status == 400
    assert b"<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>" in body


def test_anything_else_is_answered_as_s3_does() -> None:
    response, body = unroutable(request("GET"))
    assert response.status == 405
    assert b"<Error><Code>MethodNotAllowed</Code>" in body
    assert unroutable(request("HEAD"))[1] == b""


def test_no_refusal_shows_its_service_more_than_its_words() -> None:
    assert (
        wire_error(load_service("iam"), AccessDenied("User: x is not authorized")).message
        == "User: x is not authorized"
    )
    assert wire_error(load_service("iam"), InternalError()).message == InternalError.default_message
