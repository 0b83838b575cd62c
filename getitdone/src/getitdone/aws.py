"""Every boto3 client is made here, and what the services refuse becomes the application's own errors here.

Nothing else in the application imports boto3 or botocore. This module must not know what the clients are used for.
Error codes: the services' API references (S3 "Error responses", SNS, Rekognition, Comprehend and Translate "Common
errors" and each operation's own).
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
)
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.exceptions import HTTPClientError as BotocoreHttpError

from getitdone.config import AwsSettings
from getitdone.errors import (
    AccessRefused,
    CloudError,
    ConditionFailed,
    FinalError,
    InvalidInput,
    NameTaken,
    NotFound,
    NotOffered,
    SettingsError,
    Throttled,
    Unavailable,
    Unreachable,
)

if TYPE_CHECKING:
    from types_boto3_comprehend.client import ComprehendClient
    from types_boto3_rekognition.client import RekognitionClient
    from types_boto3_s3.client import S3Client
    from types_boto3_sns.client import SNSClient
    from types_boto3_sts.client import STSClient
    from types_boto3_translate.client import TranslateClient

DEFAULT_REGION = "us-east-1"

_CODES: dict[type[CloudError], tuple[str, ...]] = {
    Throttled: (
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "Throttled",
        "TooManyRequests",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "SlowDown",
        "429",
    ),
    AccessRefused: (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
        "AllAccessDisabled",
        "AccountProblem",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "OptInRequired",
        "SubscriptionRequiredException",
        "403",
    ),
    NotFound: (
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "NotFound",
        "NotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "InvalidS3ObjectException",
        "404",
    ),
    NameTaken: ("BucketAlreadyExists",),
    ConditionFailed: ("PreconditionFailed", "ConditionalRequestConflict", "412"),
    NotOffered: (
        "NotImplemented",
        "NotImplementedException",
        "UnsupportedLanguageException",
        "UnsupportedLanguagePairException",
        "UnsupportedOperation",
        "UnknownOperationException",
        "501",
    ),
    InvalidInput: (
        "ValidationException",
        "ValidationError",
        "InvalidParameter",
        "InvalidParameterException",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "InvalidRequestException",
        "InvalidRequest",
        "InvalidArgument",
        "TextSizeLimitExceededException",
        "DetectedLanguageLowConfidenceException",
        "InvalidImageFormatException",
        "ImageTooLargeException",
        "400",
    ),
}
_CLASS_OF = {code: kind for kind, codes in _CODES.items() for code in codes}
_THROTTLED = frozenset(_CODES[Throttled])


def error_from(response: Any, operation: str) -> CloudError:
    """The application's error for a service's answer (`ClientError.response`)."""
    detail = response.get("Error", {})
    code = str(detail.get("Code", ""))
    message = str(detail.get("Message", "")).strip() or "no message"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _CLASS_OF.get(code)
    if kind is None and status == 501:
        kind = NotOffered
    if kind is None:
        kind = Unavailable if status >= 500 or (code.isdigit() and int(code) >= 500) else FinalError
    return kind(message, code=code, operation=operation)


@contextmanager
def domain_errors() -> Generator[None]:
    """Whatever botocore raises inside leaves as one of our own errors.

    Raises:
        CloudError: one of its kinds, with the service's code and the operation.
        SettingsError: the profile does not exist.
    """
    try:
        yield
    except ClientError as error:
        raise error_from(error.response, error.operation_name) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise AccessRefused(f"{error}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile") from error
    except ProfileNotFound as error:
        raise SettingsError(str(error)) from error
    except (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError) as error:
        raise Unreachable(str(error)) from error
    except (BotocoreConnectionError, BotocoreHttpError) as error:
        raise Unavailable(str(error)) from error
    except BotoCoreError as error:
        raise InvalidInput(str(error)) from error


class Aws:
    """The clients, each made when it is first asked for. They may be used by many threads, but ask for a client
    before the threads start: making one is not safe there."""

    def __init__(self, settings: AwsSettings) -> None:
        self.settings = settings
        with domain_errors():
            # Any: the stubs know hundreds of services by overloads; each property below says what it returns
            self._session: Any = boto3.Session(profile_name=settings.profile or None)
        self.region = settings.region or self._session.region_name or DEFAULT_REGION

    @cached_property
    def s3(self) -> S3Client:
        """S3, with path-style addresses wherever host names of buckets would not resolve; presigns with SigV4."""
        addressing = self.settings.addressing
        if addressing == "auto":
            addressing = "virtual" if self.on_aws else "path"
        return self._s3(Config(signature_version="s3v4", s3={"addressing_style": addressing}))

    @cached_property
    def stranger(self) -> S3Client:
        """S3 without credentials: what anyone in the world may do. Its presigned addresses are the public ones."""
        addressing = "virtual" if self.on_aws and self.settings.addressing != "path" else "path"
        return self._s3(Config(signature_version=UNSIGNED, s3={"addressing_style": addressing}))

    @cached_property
    def sns(self) -> SNSClient:
        """SNS for topics and subscriptions, which may be asked for twice."""
        with domain_errors():
            return self._session.client("sns", **self._common("standard"))

    @cached_property
    def sns_once(self) -> SNSClient:
        """SNS that never sends a request twice: to publish is the one call that is not safe to repeat."""
        with domain_errors():
            return self._session.client("sns", **self._common("once"))

    @cached_property
    def rekognition(self) -> RekognitionClient:
        """Labels and words in photos."""
        with domain_errors():
            return self._session.client("rekognition", **self._common("standard"))

    @cached_property
    def comprehend(self) -> ComprehendClient:
        """Languages and sentiments."""
        with domain_errors():
            return self._session.client("comprehend", **self._common("standard"))

    @cached_property
    def translate(self) -> TranslateClient:
        """Translations."""
        with domain_errors():
            return self._session.client("translate", **self._common("standard"))

    @cached_property
    def sts(self) -> STSClient:
        """Who we are."""
        with domain_errors():
            return self._session.client("sts", **self._common("standard"))

    @cached_property
    def on_aws(self) -> bool:
        """Whether S3's endpoint is Amazon's own."""
        with domain_errors():
            probe = self._session.client("s3", **self._common("standard"))
        host = urlsplit(str(probe.meta.endpoint_url)).hostname or ""
        return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))

    @property
    def partition(self) -> str:
        """`aws`, or `aws-cn`, ... for the ARNs of this region."""
        return self._session.get_partition_for_region(self.region)

    def _s3(self, config: Config) -> S3Client:
        common = self._common("standard")
        common["config"] = common["config"].merge(config)
        with domain_errors():
            return self._session.client("s3", **common)

    def _common(self, retries: str) -> dict[str, Any]:
        once = retries == "once"
        return {
            "region_name": self.region,
            "endpoint_url": self.settings.endpoint_url or None,
            "config": Config(
                retries={"mode": "standard", "total_max_attempts": 1 if once else self.settings.max_attempts},
                connect_timeout=min(10.0, self.settings.timeout_seconds),
                read_timeout=self.settings.timeout_seconds,
                max_pool_connections=self.settings.threads + 2,
                user_agent_extra="getitdone",
            ),
        }
