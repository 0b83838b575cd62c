"""A pytest plugin for the tests of AWS's clients: what they take for granted of a machine that reaches AWS.

They fetch presigned URLs past the proxy by which `marinelayer run` serves AWS's names: here they go through it. The AWS
CLI's set-up makes a directory bucket and waits for it: there are none here, so that the ordinary bucket takes its place
there. Tests of directory buckets themselves are left out by `run.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError


def _through_the_proxy(*_: Any, **options: Any) -> urllib3.ProxyManager:
    proxy = os.environ["HTTPS_PROXY"]
    password = urllib3.make_headers(proxy_basic_auth=urllib3.util.parse_url(proxy).auth)
    return urllib3.ProxyManager(proxy, proxy_headers=password, ca_certs=os.environ["AWS_CA_BUNDLE"], **options)


def _once(clear_out_bucket: Callable[..., None]) -> Callable[..., None]:
    """The end removes both buckets, which are one here."""

    def clear(bucket: str, **options: Any) -> None:
        try:
            clear_out_bucket(bucket, **options)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise

    return clear


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before any set-up runs."""
    for module in {getattr(item, "module", None) for item in items}:
        if hasattr(module, "_SHARED_DIR_BUCKET"):
            vars(module)["_SHARED_DIR_BUCKET"] = vars(module)["_SHARED_BUCKET"]
            vars(module)["clear_out_bucket"] = _once(module.clear_out_bucket)
        if hasattr(module, "http_get"):
            module.urllib3.PoolManager = _through_the_proxy
