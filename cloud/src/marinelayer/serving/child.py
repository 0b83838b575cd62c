"""The environment of a program under `marinelayer run`: every AWS call goes to our proxy, by our key, and nothing that
the person has set for the real AWS takes part. Pure."""

from __future__ import annotations

from collections.abc import Mapping

LOOPBACK_NAMES = "localhost,127.0.0.1,::1"

# Programs differ in which case they read; curl reads http_proxy in small letters only.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_NO_PROXIES = ("NO_PROXY", "no_proxy")
# Files of trusted certificates: botocore and aws-cli, OpenSSL, requests, curl, Node, Python's pip, Git, Deno.
_BUNDLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_UNSET = frozenset(
    {
        # Another proxy, or another folder of certificates.
        "ALL_PROXY",
        "all_proxy",
        "SSL_CERT_DIR",
        # Other credentials, or ways to get some.
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "BOTO_CONFIG",
        # Other addresses.
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_ACCOUNT_ID",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    }
)
_UNSET_PREFIXES = ("AWS_ENDPOINT_URL",)
_NO_FILE = "/dev/null"


def child_environment(
    base: Mapping[str, str], *, proxy_url: str, ca_bundle: str, key_id: str, secret: str, region: str
) -> dict[str, str]:
    """`base` as a child of `marinelayer run` gets it.

    `proxy_url` carries the proxy's credentials, `ca_bundle` is the path of a PEM file with the machine's roots and the
    proxy's authority. The person's AWS configuration files are hidden: a profile in them could name other endpoints,
    credentials or certificates, and would win over some of what is set here.
    """
    kept = {name: value for name, value in base.items() if name not in _UNSET and not name.startswith(_UNSET_PREFIXES)}
    return {
        **kept,
        **dict.fromkeys(_PROXIES, proxy_url),
        **dict.fromkeys(_NO_PROXIES, LOOPBACK_NAMES),
        **dict.fromkeys(_BUNDLES, ca_bundle),
        "NODE_USE_ENV_PROXY": "1",
        "AWS_ACCESS_KEY_ID": key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_CONFIG_FILE": _NO_FILE,
        "AWS_SHARED_CREDENTIALS_FILE": _NO_FILE,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
