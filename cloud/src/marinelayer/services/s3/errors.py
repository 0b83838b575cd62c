"""The errors that only S3 itself raises: the class's name is the code, the docstring is AWS's message, and the details
named in it are the further elements of the error document. `protocol.refusals` and `security.refusals` declare those
that it shares with the rooms below.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the operations' own pages. Statuses
stand here because botocore's model has none for most of them.
"""

from __future__ import annotations

from marinelayer.model.errors import ServiceError

# --- buckets --------------------------------------------------------------------------------------------------


class NoSuchBucket(ServiceError):
    """The specified bucket does not exist

    Details: BucketName.
    """

    status = 404


class BucketAlreadyExists(ServiceError):
    """The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please
    select a different name and try again.

    Details: BucketName.
    """

    status = 409


class BucketAlreadyOwnedByYou(ServiceError):
    """Your previous request to create the named bucket succeeded and you already own it.

    Details: BucketName.
    """

    status = 409


class BucketNotEmpty(ServiceError):
    """The bucket you tried to delete is not empty

    Details: BucketName.
    """

    status = 409


class InvalidBucketName(ServiceError):
    """The specified bucket is not valid.

    Details: BucketName.
    """

    status = 400


class IllegalVersioningConfigurationException(ServiceError):
    """The versioning configuration specified in the request is invalid."""

    code = "IllegalVersioningConfigurationException"
    status = 400


class InvalidLocationConstraint(ServiceError):
    """The specified location-constraint is not valid

    Details: LocationConstraint.
    """

    status = 400


class IllegalLocationConstraintException(ServiceError):
    """The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."""

    status = 400


class NoSuchCORSConfiguration(ServiceError):
    """The CORS configuration does not exist

    Details: BucketName.
    """

    status = 404


class NoSuchConfiguration(ServiceError):
    """The specified configuration does not exist.

    Details: BucketName.
    """

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


class IncorrectEndpoint(ServiceError):
    """The specified bucket exists in another region. Please direct requests to the specified endpoint.

    Details: Endpoint.
    """

    status = 400


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


class InvalidBucketState(ServiceError):
    """The request is not valid for the current state of the bucket."""

    status = 409


class ObjectLockConfigurationNotFoundError(ServiceError):
    """Object Lock configuration does not exist for this bucket

    Details: BucketName.
    """

    code = "ObjectLockConfigurationNotFoundError"
    status = 404


class InvalidRetentionPeriod(ServiceError):
    """The retention period is not valid."""

    status = 400


# --- objects --------------------------------------------------------------------------------------------------


class InvalidRedirectLocation(ServiceError):
    """The website redirect location must have a prefix of 'http://' or 'https://' or '/'."""

    status = 400


class InvalidTag(ServiceError):
    """The tag provided was not a valid tag. This error can occur if the tag did not pass input validation.

    Details: TagKey, TagValue.
    """

    status = 400


class NoSuchKey(ServiceError):
    """The specified key does not exist.

    Details: Key.
    """

    status = 404


class NoSuchVersion(ServiceError):
    """The specified version does not exist.

    Details: Key, VersionId.
    """

    status = 404


class NoSuchObjectLockConfiguration(ServiceError):
    """The specified object does not have a ObjectLock configuration

    Details: Key.
    """

    status = 404


class MetadataTooLarge(ServiceError):
    """Your metadata headers exceed the maximum allowed metadata size

    Details: Size, MaxSizeAllowed.
    """

    status = 400


class InvalidObjectState(ServiceError):
    """The operation is not valid for the object's storage class

    Details: StorageClass.
    """

    status = 403


class ObjectAlreadyInActiveTierError(ServiceError):
    """This action is not allowed against this storage tier."""

    code = "ObjectAlreadyInActiveTierError"
    status = 403


class RestoreAlreadyInProgress(ServiceError):
    """Object restore is already in progress"""

    status = 409


class InvalidRange(ServiceError):
    """The requested range is not satisfiable

    Details: RangeRequested, ActualObjectSize.
    """

    status = 416


class InvalidPartNumber(ServiceError):
    """The requested partnumber is not satisfiable

    Details: ActualPartCount, PartNumberRequested.
    """

    status = 416


class NotModified(ServiceError):
    """Not Modified

    Has no document; its headers are those that the object's answer would have carried (RFC 9110, 15.4.5).
    """

    status = 304


# --- bytes ----------------------------------------------------------------------------------------------------


class BadDigest(ServiceError):
    """The Content-MD5 you specified did not match what we received.

    Details: ExpectedDigest, CalculatedDigest.
    """

    status = 400


class InvalidDigest(ServiceError):
    """The Content-MD5 you specified was invalid.

    Details: Content-MD5.
    """

    status = 400


class InvalidEncryptionAlgorithmError(ServiceError):
    """The Encryption request you specified is not valid. Supported value: AES256.

    Details: ArgumentName, ArgumentValue.
    """

    code = "InvalidEncryptionAlgorithmError"
    status = 400


class KmsNotFound(ServiceError):
    """The request was rejected because the specified entity or resource could not be found."""

    code = "KMS.NotFoundException"
    status = 400


# --- multipart ------------------------------------------------------------------------------------------------


class NoSuchUpload(ServiceError):
    """The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or
    completed.

    Details: UploadId.
    """

    status = 404


class InvalidPart(ServiceError):
    """One or more of the specified parts could not be found. The part may not have been uploaded, or the specified
    entity tag may not match the part's entity tag.

    Details: UploadId, PartNumber, ETag.
    """

    status = 400


class InvalidPartOrder(ServiceError):
    """The list of parts was not in ascending order. Parts must be ordered by part number.

    Details: UploadId.
    """

    status = 400


# --- requests -------------------------------------------------------------------------------------------------


class UnexpectedContent(ServiceError):
    """This request contains unsupported content."""

    status = 400


class MissingSecurityHeader(ServiceError):
    """Your request was missing a required header

    Details: MissingHeaderName.
    """

    status = 400


class HeaderNotImplemented(ServiceError):
    """A header you provided implies functionality that is not implemented

    Details: Header.
    """

    code = "NotImplemented"
    status = 501


# --- access ---------------------------------------------------------------------------------------------------


class MalformedACLError(ServiceError):
    """The XML you provided was not well-formed or did not validate against our published schema"""

    code = "MalformedACLError"
    status = 400


class AccessControlListNotSupported(ServiceError):
    """The bucket does not allow ACLs"""

    status = 400


class InvalidBucketAclWithObjectOwnership(ServiceError):
    """Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"""

    status = 400


class InvalidBucketAclWithBlockPublicAccessError(ServiceError):
    """Bucket cannot have public ACLs set with BlockPublicAccess enabled"""

    code = "InvalidBucketAclWithBlockPublicAccessError"
    status = 400


class MalformedPolicy(ServiceError):
    """The policy is not valid."""

    status = 400


class NoSuchBucketPolicy(ServiceError):
    """The bucket policy does not exist

    Details: BucketName.
    """

    status = 404


class NoSuchPublicAccessBlockConfiguration(ServiceError):
    """The public access block configuration was not found

    Details: BucketName.
    """

    status = 404


class OwnershipControlsNotFoundError(ServiceError):
    """The bucket ownership controls were not found

    Details: BucketName.
    """

    code = "OwnershipControlsNotFoundError"
    status = 404
