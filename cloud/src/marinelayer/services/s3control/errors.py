"""S3 Control's errors: the docstring is AWS's message, the status comes from the model where it knows the error."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class NoSuchPublicAccessBlockConfiguration(ServiceError):
    """The public access block configuration was not found"""


class NoSuchResource(ServiceError):
    """The specified resource doesn't exist."""

    status = 404
