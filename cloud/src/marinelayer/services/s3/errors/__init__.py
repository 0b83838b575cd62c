"""The errors that only S3 itself raises: the class's name is the code, the docstring is AWS's message, and the details
named in it are the further elements of the error document. `protocol.refusals` and `security.refusals` declare those
that it shares with the rooms below.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the operations' own pages. Statuses
stand here because botocore's model has none for most of them.
"""

from __future__ import annotations

from marinelayer.services.s3.errors.access import (
    AccessControlListNotSupported,
    InvalidBucketAclWithBlockPublicAccessError,
    InvalidBucketAclWithObjectOwnership,
    MalformedPolicy,
    NoSuchBucketPolicy,
    NoSuchPublicAccessBlockConfiguration,
    OwnershipControlsNotFoundError,
)
from marinelayer.services.s3.errors.buckets import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    IllegalLocationConstraintException,
    IncorrectEndpoint,
    InvalidBucketName,
    InvalidBucketNamespace,
    InvalidBucketOwnerAWSAccountID,
    InvalidBucketState,
    InvalidLocationConstraint,
    NoSuchBucket,
    VersionedBucketNotEmpty,
)
from marinelayer.services.s3.errors.bytes import (
    BadDigest,
    InvalidDigest,
    InvalidEncryptionAlgorithmError,
    KmsNotFound,
)
from marinelayer.services.s3.errors.configurations import (
    CrossLocationLoggingProhibited,
    IdMismatch,
    IllegalVersioningConfigurationException,
    InvalidRedirectLocation,
    InvalidRetentionPeriod,
    InvalidS3DestinationBucket,
    InvalidTag,
    InvalidTargetBucketForLogging,
    NoSuchConfiguration,
    NoSuchCORSConfiguration,
    NoSuchLifecycleConfiguration,
    NoSuchTagSet,
    NoSuchWebsiteConfiguration,
    ObjectLockConfigurationNotFoundError,
    ReplicationConfigurationNotFoundError,
    TooManyConfigurations,
)
from marinelayer.services.s3.errors.objects import (
    InvalidObjectState,
    InvalidPartNumber,
    InvalidRange,
    MetadataTooLarge,
    NoSuchKey,
    NoSuchObjectLockConfiguration,
    NoSuchVersion,
    NotModified,
    ObjectAlreadyInActiveTierError,
    RestoreAlreadyInProgress,
)
from marinelayer.services.s3.errors.requests import (
    HeaderNotImplemented,
    MissingSecurityHeader,
    UnexpectedContent,
)
from marinelayer.services.s3.errors.uploads import (
    ConditionalRequestConflict,
    InvalidPart,
    InvalidPartOrder,
    NoSuchUpload,
)

__all__ = [
    "AccessControlListNotSupported",
    "BadDigest",
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "BucketNotEmpty",
    "ConditionalRequestConflict",
    "CrossLocationLoggingProhibited",
    "HeaderNotImplemented",
    "IdMismatch",
    "IllegalLocationConstraintException",
    "IllegalVersioningConfigurationException",
    "IncorrectEndpoint",
    "InvalidBucketAclWithBlockPublicAccessError",
    "InvalidBucketAclWithObjectOwnership",
    "InvalidBucketName",
    "InvalidBucketNamespace",
    "InvalidBucketOwnerAWSAccountID",
    "InvalidBucketState",
    "InvalidDigest",
    "InvalidEncryptionAlgorithmError",
    "InvalidLocationConstraint",
    "InvalidObjectState",
    "InvalidPart",
    "InvalidPartNumber",
    "InvalidPartOrder",
    "InvalidRange",
    "InvalidRedirectLocation",
    "InvalidRetentionPeriod",
    "InvalidS3DestinationBucket",
    "InvalidTag",
    "InvalidTargetBucketForLogging",
    "KmsNotFound",
    "MalformedPolicy",
    "MetadataTooLarge",
    "MissingSecurityHeader",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchConfiguration",
    "NoSuchKey",
    "NoSuchLifecycleConfiguration",
    "NoSuchObjectLockConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "NoSuchUpload",
    "NoSuchVersion",
    "NoSuchWebsiteConfiguration",
    "NotModified",
    "ObjectAlreadyInActiveTierError",
    "ObjectLockConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "ReplicationConfigurationNotFoundError",
    "RestoreAlreadyInProgress",
    "TooManyConfigurations",
    "UnexpectedContent",
    "VersionedBucketNotEmpty",
]
