"""The errors of what is configured of a bucket."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class IllegalVersioningConfigurationException(ServiceError):
    """The versioning configuration specified in the request is invalid."""

    code = "IllegalVersioningConfigurationException"
    status = 400


class NoSuchCORSConfiguration(ServiceError):
    """The CORS configuration does not exist

    Details: BucketName.
    """

    status = 404


class NoSuchConfiguration(ServiceError):
    """The specified configuration does not exist."""

    status = 404


class TooManyConfigurations(ServiceError):
    """You are attempting to create a new configuration but have already reached the 1,000-configuration limit."""

    status = 400


class IdMismatch(ServiceError):
    """Document ID does not match the specified configuration ID."""

    status = 400


class InvalidS3DestinationBucket(ServiceError):
    """Invalid bucket ARN."""

    status = 400


class NoSuchWebsiteConfiguration(ServiceError):
    """The specified bucket does not have a website configuration

    Details: BucketName.
    """

    status = 404


class InvalidTargetBucketForLogging(ServiceError):
    """The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for
    the log-delivery group.

    Details: TargetBucket.
    """

    status = 400


class CrossLocationLoggingProhibited(ServiceError):
    """Cross S3 location logging not allowed.

    Details: SourceBucketLocation, TargetBucketLocation.
    """

    code = "CrossLocationLoggingProhibitted"
    status = 403


class NoSuchLifecycleConfiguration(ServiceError):
    """The lifecycle configuration does not exist

    Details: BucketName.
    """

    status = 404


class ReplicationConfigurationNotFoundError(ServiceError):
    """The replication configuration was not found

    Details: BucketName.
    """

    code = "ReplicationConfigurationNotFoundError"
    status = 404


class NoSuchTagSet(ServiceError):
    """The TagSet does not exist

    Details: BucketName.
    """

    status = 404


class ObjectLockConfigurationNotFoundError(ServiceError):
    """Object Lock configuration does not exist for this bucket

    Details: BucketName.
    """

    code = "ObjectLockConfigurationNotFoundError"
    status = 404


class InvalidRetentionPeriod(ServiceError):
    """The retention period is not valid."""

    status = 400


class InvalidRedirectLocation(ServiceError):
    """The website redirect location must have a prefix of 'http://' or 'https://' or '/'."""

    status = 400


class InvalidTag(ServiceError):
    """The tag provided was not a valid tag. This error can occur if the tag did not pass input validation.

    Details: TagKey, TagValue.
    """

    status = 400
