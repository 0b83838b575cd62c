"""STS: who am I.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/. Knows no protocol and no other service.
"""

from __future__ import annotations

from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.sts.caller_identity import CallerIdentity

__all__ = ["sts_service"]


def sts_service() -> ServiceTable:
    """STS's operations."""
    return service_table("sts", (CallerIdentity(),))
