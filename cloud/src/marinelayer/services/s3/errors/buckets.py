"""The errors of buckets as such: whether they exist, what they are named, where they are."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


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


class VersionedBucketNotEmpty(BucketNotEmpty):
    """The bucket you tried to delete is not empty. You must delete all versions in the bucket.

    Details: BucketName.
    """

    code = "BucketNotEmpty"


class InvalidBucketNamespace(ServiceError):
    """The bucket's name does not fit the namespace that it is to be made in.

    Details: BucketName.
    """

    status = 400


class InvalidBucketName(ServiceError):
    """The specified bucket is not valid.

    Details: BucketName.
    """

    status = 400


class InvalidLocationConstraint(ServiceError):
    """The specified location-constraint is not valid

    Details: LocationConstraint.
    """

    status = 400


class IllegalLocationConstraintException(ServiceError):
    """The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."""

    status = 400


class IncorrectEndpoint(ServiceError):
    """The specified bucket exists in another region. Please direct requests to the specified endpoint.

    Details: Endpoint.
    """

    status = 400


class InvalidBucketOwnerAWSAccountID(ServiceError):
    """The value of the expected bucket owner parameter must be an AWS Account ID."""

    status = 400


class InvalidBucketState(ServiceError):
    """The request is not valid for the current state of the bucket."""

    status = 409
