"""A pytest plugin for ceph/s3-tests: says in AWS's terms what the suite says in Ceph's.

    python -m pytest -p terms ...

The suite names what is in IAM by ARNs without an account (`arn:aws:iam:::user/NAME`), signs for a region without a
name, and speaks of OpenID Connect as Ceph does: issuers at http and with a port, providers without clients, and the
condition key `app_id`. None of it exists on AWS. With this plugin its clients send AWS's words, and what is answered is
told to the suite in its own, for the one account whose ARNs it writes thus (that of the section [iam]). Nothing else of
a request is changed.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest

REGION = "us-east-1"
ISSUER = "localhost"
"""The host of the suite's issuer, which it has at a port."""


def read_terms() -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """What is said for what: in requests, in answers; and the client that a provider without any gets."""
    configuration = configparser.RawConfigParser()
    configuration.read(os.environ["S3TEST_CONF"])
    account = configuration["iam"]["account"]
    requests = [
        ("arn:aws:iam:::assumed-role/", f"arn:aws:sts::{account}:assumed-role/"),
        ("arn:aws:iam:::", f"arn:aws:iam::{account}:"),
        (f"{ISSUER}:8080/", f"{ISSUER}/"),
        (":app_id", ":aud"),
    ]
    return requests, [(f"arn:aws:iam::{account}:", "arn:aws:iam:::")], configuration["webidentity"]["aud"]


def said(value: Any, terms: list[tuple[str, str]]) -> Any:
    """A value with the terms replaced in all its texts."""
    if isinstance(value, str):
        for term, other in terms:
            value = value.replace(term, other)
        return value
    if isinstance(value, dict):
        return {name: said(member, terms) for name, member in value.items()}
    if isinstance(value, list):
        return [said(member, terms) for member in value]
    return value


def translate(client: Any, requests: list[tuple[str, str]], answers: list[tuple[str, str]], audience: str) -> None:
    """Make a client of IAM, STS or S3 say AWS's terms."""

    def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
        for name, value in params.items():
            if name != "Body":
                params[name] = said(value, requests)
        if model.name == "CreateOpenIDConnectProvider":
            params["Url"] = params["Url"].replace("http://", "https://")
            if ISSUER in params["Url"] and not params.get("ClientIDList"):
                params["ClientIDList"] = [audience]

    def hear(parsed: dict[str, Any], **_: Any) -> None:
        for name, value in parsed.items():
            parsed[name] = said(value, answers)

    service = client.meta.service_model.service_name
    events = client.meta.events
    events.register(f"provide-client-params.{service}.*", ask)
    if service in ("iam", "sts"):
        events.register(f"after-call.{service}.*", hear)


def made(make: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What `boto3.client` or `boto3.resource` makes, in AWS's terms."""
    if options.get("region_name") == "":
        options["region_name"] = REGION
    client = make(*arguments, **options)
    translate(getattr(client.meta, "client", client), *read_terms())
    return client


def pytest_configure(config: pytest.Config) -> None:  # noqa: ARG001 -- pytest names its hooks' parameters
    """Put the plugin between the suite and boto3."""
    boto3.client = partial(made, boto3.client)
    boto3.resource = partial(made, boto3.resource)
