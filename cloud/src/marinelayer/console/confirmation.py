"""The pages behind the links in mail: confirm a subscription, and unsubscribe.

They are open, because the token in the link (or, for unsubscribing, the subscription's unguessable ARN) is the
permission; they run SNS's own operations through ports.Calls.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from marinelayer.console.pages import notice
from marinelayer.http import Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.ports import Caller, Calls


class Confirmation:
    """Runs ConfirmSubscription and Unsubscribe for a person with a link."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def confirm(self, request: Request, caller: Caller) -> Response:
        """GET /_marinelayer/confirm?TopicArn=...&Token=..."""
        query = parse_qs(request.query)
        wanted = {name: query.get(name, [""])[0] for name in ("TopicArn", "Token")}
        try:
            answer = await self._calls.call(caller, "sns", "ConfirmSubscription", wanted)
        except Refusal as refusal:
            return notice("This subscription could not be confirmed", refusal.message, status=400)
        return notice(
            "Subscription confirmed!",
            f"You have subscribed to {wanted['TopicArn'].rpartition(':')[2]}.",
            f"Your subscription's id is: {answer['SubscriptionArn']}",
        )

    async def unsubscribe(self, request: Request, caller: Caller) -> Response:
        """GET /_marinelayer/unsubscribe?SubscriptionArn=..."""
        arn = parse_qs(request.query).get("SubscriptionArn", [""])[0]
        try:
            await self._calls.call(caller, "sns", "Unsubscribe", {"SubscriptionArn": arn})
        except Refusal as refusal:
            return notice("This subscription could not be removed", refusal.message, status=400)
        return notice("Subscription removed", "You will get no more messages from this topic.")
