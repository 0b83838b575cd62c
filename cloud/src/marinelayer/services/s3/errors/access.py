"""The errors of access: ACLs, ownership, policies, public access blocks."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


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
