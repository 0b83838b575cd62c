"""Filter policies: which messages a subscription gets.

They are read as AWS reads them and refused in its words, those of the parser (Jackson) and of the rules' compiler
(https://github.com/aws/event-ruler) that it is known to use; what they mean is said in
https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html. Pure; knows neither topics nor tables.
"""

from __future__ import annotations

from marinelayer.services.sns.filtering.limits import FilterPolicy, Scope, read_filter_policy
from marinelayer.services.sns.filtering.matching import accepts
from marinelayer.services.sns.filtering.tokens import FilterPolicyError

__all__ = ["FilterPolicy", "FilterPolicyError", "Scope", "accepts", "read_filter_policy"]
