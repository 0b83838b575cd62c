"""How messages leave the cloud: the inbox that catches every one, and the relays that hand them on."""

from __future__ import annotations

from marinelayer.delivery.inbox import CaughtMessage, Inbox
from marinelayer.delivery.sms import SmsRelay
from marinelayer.delivery.smtp import SmtpRelay

__all__ = ["CaughtMessage", "Inbox", "SmsRelay", "SmtpRelay"]
