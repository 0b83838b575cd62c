"""Every setting of the application: one `getitdone.toml` becomes frozen values.

Unknown keys, wrong types and values that could not work are refused with the key's full name. Each setting's meaning
stands beside its default: `reference.py` prints them.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from getitdone.errors import SettingsError

DEFAULT_FILE = Path("getitdone.toml")

BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
TopicPart = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Channel = Literal["email", "sms"]
ALERT_FIELDS = frozenset({"count", "department", "what", "level", "threshold", "month", "report"})
DISPATCH_FIELDS = frozenset({"long", "lat", "description", "service", "request", "date", "address", "rule", "found"})


class Section(BaseModel):
    """A table of the file: frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AwsSettings(Section):
    """How the cloud is reached. What is not set here comes from where boto3 looks: the environment
    (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, ...), `~/.aws/config`, the machine's role."""

    region: str = Field(default="", description="Region; empty takes the environment's, else us-east-1.")
    endpoint_url: str = Field(
        default="", description="Endpoint of every service; empty takes AWS_ENDPOINT_URL, else AWS."
    )
    profile: str = Field(default="", description="Profile in ~/.aws; empty takes AWS_PROFILE, else the default chain.")
    addressing: Literal["auto", "path", "virtual"] = Field(
        default="auto", description="S3 addresses: auto is path-style except on amazonaws.com."
    )
    max_attempts: int = Field(default=5, ge=1, le=20, description="How often botocore tries a call in all.")
    timeout_seconds: float = Field(
        default=60.0, gt=0, le=900, description="Longest wait for a connection or an answer."
    )
    threads: int = Field(default=8, ge=1, le=64, description="How many calls are under way at once at most.")


class BucketSettings(Section):
    """Where things lie. On AWS bucket names are shared by the whole world: choose your own there."""

    requests: BucketName = Field(default="gid-requests", description="The daily CSVs (private).")
    images: BucketName = Field(default="gid-images", description="The photos (private).")
    contacts: BucketName = Field(
        default="gid-contacts", description="contacts.csv (private; `check` fails if it is not)."
    )
    reports: BucketName = Field(default="gid-reports", description="The report site (public).")
    state: BucketName = Field(
        default="gid-contacts", description="What was sent and looked at already, under state/ (private)."
    )
    dispatches: BucketName = Field(
        default="gid-requests", description="Dispatch lists and quarantined rows: citizens' words, so keep it private."
    )

    @model_validator(mode="after")
    def _apart(self) -> BucketSettings:
        for name in ("requests", "images", "contacts", "state", "dispatches"):
            if getattr(self, name) == self.reports:
                raise ValueError(f"{name} may not lie in the public bucket of the reports, {self.reports!r}")
        return self


class RequestSettings(Section):
    """How a month's daily files are read."""

    late_days: int = Field(
        default=7, ge=0, le=31, description="Daily files of the next month that are read too, for late corrections."
    )


class ReportSettings(Section):
    """The report site."""

    title: str = Field(default="Get It Done", description="What the pages are headed with.")
    publish: Literal["policy", "acl", "none"] = Field(
        default="policy",
        description="How the site becomes public: by bucket policy (today's AWS takes it), by objects' ACLs, or not.",
    )
    base_url: str = Field(
        default="", description="Where the site stands, for absolute links; empty makes relative ones."
    )
    top_services: int = Field(
        default=25, ge=1, le=100, description="Bars in the chart; all other services share one more."
    )

    @field_validator("base_url")
    @classmethod
    def _web(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value and value.rstrip("/") + "/"


def _only_fields(template: str, allowed: frozenset[str]) -> str:
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"the template can not be read: {error}") from None
    for _, name, spec, conversion in parsed:
        if name is not None and (name not in allowed or spec or conversion):
            raise ValueError(f"a template may hold {', '.join(f'{{{field}}}' for field in sorted(allowed))} only")
    return template


class Message(Section):
    """Texts with `{fields}`. The subject is sent as one line of ASCII, under 100 characters, as SNS demands."""

    subject: str = Field(description="The subject of an e-mail.")
    text: str = Field(description="The message.")


class AlertRule(Section):
    """When a department is alerted."""

    department: TopicPart = Field(description="As contacts.csv writes it, in lower case.")
    services: tuple[str, ...] = Field(min_length=1, description="Service names whose counts are added up.")
    what: str = Field(description="What is counted, for the messages.")
    over: dict[str, int] = Field(description="Level -> the count that must be exceeded.")


def _lesson_rules() -> tuple[AlertRule, ...]:
    """The lesson's thresholds: potholes > 100, dumping > 30, water > 100 and > 300. Where it names one level only,
    the second is three times the first, as it is for water."""
    return (
        AlertRule(department="streets", services=("Pothole",), what="potholes", over={"critical": 100, "extreme": 300}),
        AlertRule(
            department="trash",
            services=("Illegal Dumping",),
            what="illegal dumping",
            over={"critical": 30, "extreme": 90},
        ),
        AlertRule(
            department="water",
            services=("Street Flooded", "Drain Maintenance", "Illegal Discharge"),
            what="water violations",
            over={"critical": 100, "extreme": 300},
        ),
    )


class AlertSettings(Section):
    """Who is told of which counts."""

    contacts_key: str = Field(default="contacts.csv", description="The list of contacts in the contacts bucket.")
    channels: dict[TopicPart, Channel] = Field(
        default={"critical": "email", "extreme": "sms"},
        description="The levels, from the lowest to the highest, and how each one's subscribers are told.",
    )
    levels: Literal["highest", "all"] = Field(
        default="highest",
        description="highest: only the highest level newly reached is told. all: each level passed (the lesson).",
    )
    rules: tuple[AlertRule, ...] = Field(
        default_factory=_lesson_rules, description="One table [[alerts.rules]] a department; given ones replace these."
    )
    country_code: str = Field(
        default="1", pattern=r"^[1-9]\d{0,2}$", description="Put before phone numbers of ten digits."
    )
    preset: Literal["plain", "lesson"] = Field(
        default="plain", description="Whose texts are sent where none are given below."
    )
    messages: dict[str, Message] = Field(
        default={}, description="Own texts: a table [alerts.messages.LEVEL] with subject and text."
    )
    lease_minutes: float = Field(
        default=10.0, gt=0, le=1440, description="How long a claim to send belongs to the run that made it."
    )

    @model_validator(mode="after")
    def _levels_exist(self) -> AlertSettings:
        if not self.channels:
            raise ValueError("channels must name one level or more")
        for name in (*self.messages, *(level for rule in self.rules for level in rule.over)):
            if name not in self.channels:
                raise ValueError(f"{name!r} is none of the levels {', '.join(self.channels)}")
        departments = [rule.department for rule in self.rules]
        if len(set(departments)) != len(departments):
            raise ValueError("two rules name the same department")
        for message in self.messages.values():
            _only_fields(message.subject, ALERT_FIELDS)
            _only_fields(message.text, ALERT_FIELDS)
        return self


class TriageSettings(Section):
    """Reading descriptions and looking at photos, and what is dispatched."""

    services: tuple[str, ...] = Field(
        default=(), description="Only requests for these services are read; empty reads all."
    )
    min_language_score: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Below it a detected language is not believed, and assume_language is taken.",
    )
    assume_language: str = Field(default="en", pattern=r"^[a-z]{2,3}$", description="See min_language_score.")
    labels: tuple[str, ...] = Field(
        default=("Scooter", "Motor Scooter", "Moped", "Kick Scooter", "E-scooter"),
        description="The picture rule: one of these in the photo, and a negative description.",
    )
    min_confidence: float = Field(default=55.0, ge=0, le=100, description="Labels below it are not asked for.")
    max_labels: int = Field(default=20, ge=1, le=1000, description="Labels asked for a photo.")
    read_signs: bool = Field(default=True, description="Read the words in photos too, for the dispatch list.")
    text_services: tuple[str, ...] = Field(
        default=("Shared Mobility Device",),
        description="The text rule, where no photo or no engine could tell: one of these services,",
    )
    text_words: tuple[str, ...] = Field(
        default=("scooter", "scooters", "moped", "bird", "birds", "lime", "limes", "lyft", "spin", "razor", "wheels"),
        description="and one of these words in the description, and a negative description.",
    )
    topic: TopicPart = Field(default="scooter_notifications", description="The topic that dispatches are published to.")
    department: str = Field(default="scooters", description="The contacts who are subscribed to it.")
    channel: Channel = Field(default="email", description="How they are told.")
    preset: Literal["plain", "lesson"] = Field(
        default="plain", description="Whose text is sent where none is given below."
    )
    message: Message | None = Field(
        default=None, description="Own text: a table [triage.message] with subject and text."
    )
    batch: int = Field(
        default=20, ge=1, le=500, description="Dispatches that are claimed together before they are published."
    )
    link_hours: float = Field(default=24.0, ge=0.1, le=168, description="How long the dispatch list's link works.")

    @field_validator("message")
    @classmethod
    def _fields(cls, value: Message | None) -> Message | None:
        if value is not None:
            _only_fields(value.subject, DISPATCH_FIELDS)
            _only_fields(value.text, DISPATCH_FIELDS)
        return value


class Settings(Section):
    """The whole file."""

    aws: AwsSettings = AwsSettings()
    buckets: BucketSettings = BucketSettings()
    requests: RequestSettings = RequestSettings()
    reports: ReportSettings = ReportSettings()
    alerts: AlertSettings = AlertSettings()
    triage: TriageSettings = TriageSettings()


def load_settings(path: Path | None = None) -> Settings:
    """The settings in `path`; without one, those in ./getitdone.toml where that exists, else the defaults.

    Raises:
        SettingsError: the file is missing, is no TOML, or says something that we do not know.
    """
    file = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    if file is None:
        return Settings()
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} can not be read: {error}") from error
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{file}: {line}" for line in _sentences(error))) from error


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            yield f"{key}: there is no such setting; `getitdone settings` lists them all"
        else:
            yield f"{key}: {problem['msg'].removeprefix('Value error, ')}"
