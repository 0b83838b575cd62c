"""What a run would have cost on AWS: what it asked for, times a small table of list prices.

An estimate, and a dated one: no free tier, no discount, no storage, no tax; e-mail and SMS at one subscriber for each
published message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PRICES_OF = "2025-01"
PRICES_FROM = "AWS's public price lists, us-east-1, first paid tier"
PRICES: Mapping[str, tuple[str, float]] = {
    "s3.put": ("S3 PUT", 0.005 / 1000),
    "s3.list": ("S3 LIST", 0.005 / 1000),
    "s3.get": ("S3 GET", 0.0004 / 1000),
    "sns.requests": ("SNS requests", 0.50 / 1_000_000),
    "sns.publish": ("SNS publishes", 0.50 / 1_000_000),
    "sns.email": ("SNS e-mails", 2.00 / 100_000),
    "sns.sms": ("SMS in the US, before carriers' fees", 0.00581),
    "comprehend.units": ("Comprehend units of 100 characters", 0.0001),
    "translate.characters": ("Translate characters", 15.00 / 1_000_000),
    "rekognition.images": ("Rekognition images", 0.001),
}
"""What the meter counts -> its name, and US dollars for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The estimate in US dollars, and its parts by name: how many, and dollars."""

    dollars: float
    parts: Mapping[str, tuple[int, float]]

    def as_dict(self) -> dict[str, object]:
        """For printing as JSON."""
        return {
            "estimate_usd": round(self.dollars, 4),
            "prices_of": PRICES_OF,
            "prices_from": PRICES_FROM,
            "parts": {
                name: {"count": count, "usd": round(dollars, 6)} for name, (count, dollars) in self.parts.items()
            },
        }


def estimate(counts: Mapping[str, int]) -> Cost:
    """The cost of what a meter counted."""
    parts = {
        name: (counts[key], counts[key] * price) for key, (name, price) in PRICES.items() if counts.get(key, 0) > 0
    }
    return Cost(dollars=sum(dollars for _, dollars in parts.values()), parts=parts)
