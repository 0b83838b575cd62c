"""The errors of SNS: code and status are its model's, the messages AWS's.

Source: the error sections of https://docs.aws.amazon.com/sns/latest/api/.
"""

from __future__ import annotations

from typing import ClassVar

from marinelayer.model.errors import ServiceError


class InvalidParameter(ServiceError):
    """Invalid parameter"""


class InvalidParameterValue(ServiceError):
    """Invalid parameter value"""

    code: ClassVar[str] = "ParameterValueInvalid"


class NotFound(ServiceError):
    """Topic does not exist"""


class TagLimitExceeded(ServiceError):
    """Could not complete request: tag quota of per resource exceeded"""
