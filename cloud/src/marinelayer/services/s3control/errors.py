"""S3 Control's errors: the docstring is AWS's message, the status comes from the model."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class NoSuchPublicAccessBlockConfiguration(ServiceError):
    """The public access block configuration was not found"""
