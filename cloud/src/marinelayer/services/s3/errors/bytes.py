"""The errors of bytes: digests and encryption."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


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
