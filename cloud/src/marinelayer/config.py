"""Every setting of the cloud, in one place: name, default, help.

Flags, environment names (`MARINELAYER_PORT`), `marinelayer.toml` and the reference page are made from this class;
nothing else in the cloud reads the environment.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
_ROOT_KEY = re.compile(r"([A-Za-z0-9]{16,128}):([!-~]{16,128})")


class CloudError(Exception):
    """Something that the person who runs the cloud can mend; the text says what."""


def read_root_key(text: str) -> tuple[str, str]:
    """Access key id and secret of an `ID:SECRET`.

    Raises:
        ValueError: it is none; the text does not repeat it.
    """
    found = _ROOT_KEY.fullmatch(text)
    if found is None:
        raise ValueError(
            "must be ID:SECRET, an id of 16 to 128 letters and digits and a secret of 16 to 128 ASCII characters,"
            " none of them blank"
        )
    return found[1], found[2]


class Settings(BaseSettings):
    """How one cloud runs. Precedence: flag, environment, `marinelayer.toml`, default."""

    model_config = SettingsConfigDict(
        env_prefix="MARINELAYER_", frozen=True, toml_file="marinelayer.toml", extra="forbid", populate_by_name=True
    )

    data: Path = Field(Path(".marinelayer"), description="The folder that holds everything the cloud keeps.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(4566, ge=0, le=65535, description="The port of the AWS API; 0 takes a free one.")
    console_port: int = Field(4567, ge=0, le=65535, description="The port of the console and inbox; 0: a free one.")
    tls_port: int | None = Field(None, ge=0, le=65535, description="Serve the API by TLS too, on this port.")
    root_key: SecretStr | None = Field(
        None, description="ID:SECRET of the root user at a folder's first start; random where it is not given."
    )
    account: str | None = Field(
        None, pattern=r"^\d{12}$", description=f"The account, fixed at a folder's first start ({DEFAULT_ACCOUNT})."
    )
    models: Path | None = Field(
        None, description="The folder of model files for the engines; by default that of `marinelayer models`."
    )
    pull_models: bool = Field(
        False, description="Download a catalogued model into the models folder when a request first needs it."
    )
    engine_device: Literal["auto", "cpu"] = Field(
        "auto",
        description="Models run on a graphics processor where the installed libraries know one (auto), or never (cpu).",
    )
    s3_defaults: Literal["classic", "current"] = Field(
        "classic",
        description="New buckets accept ACLs as in 2021 (classic), or have AWS's present defaults (current); a few "
        "answers are of their time, too.",
    )
    lifecycle_day: float = Field(
        86_400,
        gt=0.1,
        le=86_400,
        description="Seconds that a day of lifecycle rules, restores and inventories lasts, so that tests need not "
        "wait for one.",
    )
    access_log_interval: float = Field(
        300, gt=0, description="Seconds after which the lines of S3's server access logs are delivered."
    )
    read_memory: int = Field(
        96, ge=0, description="MiB of memory for objects that are read again and again, as they are when opened."
    )
    oidc_keys: Path | None = Field(
        None,
        description="A JSON file {ISSUER: JWKS} with the keys of the OpenID Connect issuers whose tokens "
        "AssumeRoleWithWebIdentity believes; nothing is fetched.",
    )
    public_url: str | None = Field(None, description="How clients reach the API, for links in mail and pages.")
    explain_denials: bool = Field(
        False,
        description="Tell in the message of each AccessDenied what every policy said; for local development only: "
        "it tells policies to whoever asks.",
    )
    enforce: Literal["strict", "soft"] = Field(
        "strict",
        description="What policies decide is done (strict); or what they would deny to a known caller is allowed, and "
        "logged (soft), to find out which permissions a program needs.",
    )
    allow_reset: bool = Field(False, description="Let POST /_marinelayer/reset from this machine empty the cloud.")
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp[s]://[user:password@]host[:port] that mail goes out by; else the inbox only.",
    )
    mail_from: str = Field("no-reply@marinelayer.invalid", description="The sender's address of outgoing mail.")
    sms_url: SecretStr | None = Field(
        None, description="An https gateway that gets each SMS as a JSON POST {id, to, text}."
    )
    sms_country: str = Field("US", pattern=r"^[A-Z]{2}$", description="The country of numbers without a country code.")

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else value

    @field_validator("root_key")
    @classmethod
    def _id_and_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_root_key(value.get_secret_value())
        return value

    @property
    def models_folder(self) -> Path:
        """Where model files are: `models`, or a folder in the user's data home."""
        return self.models or user_data_path("marinelayer", appauthor=False) / "models"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then marinelayer.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
