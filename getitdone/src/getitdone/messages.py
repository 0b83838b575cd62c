"""The texts that are sent: two presets, and what the settings put in their place.

The preset `lesson` has the texts of the lesson's case studies, word for word.
"""

from __future__ import annotations

from collections.abc import Mapping

from getitdone.config import AlertSettings, Message, TriageSettings

REPEATED = "(This may be a repetition: an earlier run stopped while it was sending it.)"

_ALERTS: dict[str, dict[str, Message]] = {
    "plain": {
        "": Message(
            subject="{level}: {count} requests for {what} in {month}",
            text="{month}: {count} requests for {what}, more than {threshold}.\n\nThe report: {report}",
        ),
    },
    "lesson": {
        "": Message(subject="Help fix {department} violations NOW!", text="{count} {department} issues"),
        "extreme": Message(subject="THIS IS BAD.  WE ARE FLOODING!", text="{count} violations! RUN!"),
    },
}
_DISPATCHES: dict[str, Message] = {
    "plain": Message(
        subject="Scooter to remove, request {request}",
        text=(
            "Please remove the scooter at {lat}, {long} ({address}).\n"
            "Request {request} of {date}: {description}\n"
            "Dispatched by the {rule} rule: {found}."
        ),
    ),
    "lesson": Message(
        subject="Scooter Alert", text="Please remove scooter at {long}, {lat}. Description: {description}"
    ),
}


def alert_message(settings: AlertSettings, level: str, fields: Mapping[str, str]) -> Message:
    """The filled-in message of a level: the settings' own, else the preset's for the level, else the preset's."""
    preset = _ALERTS[settings.preset]
    return _filled(settings.messages.get(level) or preset.get(level) or preset[""], fields)


def dispatch_message(settings: TriageSettings, fields: Mapping[str, str]) -> Message:
    """The filled-in dispatch."""
    return _filled(settings.message or _DISPATCHES[settings.preset], fields)


def marked_repeated(message: Message) -> Message:
    """The message, saying that it may have come before."""
    return Message(subject=message.subject, text=f"{message.text}\n\n{REPEATED}")


def _filled(message: Message, fields: Mapping[str, str]) -> Message:
    return Message(subject=message.subject.format_map(fields), text=message.text.format_map(fields))
