"""Make a data folder with whom ceph/s3-tests speaks for, and the suite's configuration for it.

    python prepare.py FOLDER PORT > s3tests.conf

The accounts are made by `marinelayer account add`, the folder's own as well. The suite's second speaker ([s3 alt]) is a
user with an administrator's rights, in the account whose root user is [iam]: the suite sets and takes away policies of
his, and lets him assume roles. It has one `user_id` for his name and for the canonical id of his account, so that he is
called by that. Tokens of an issuer come of a key that is made here; the issuer's keys go to FOLDER.oidc.json, for
`marinelayer up --oidc-keys`.
"""

from __future__ import annotations

import base64
import configparser
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from marinelayer.testing import LocalCloud, local_cloud

MARINELAYER = Path(sys.prefix) / "bin" / "marinelayer"
SECTIONS = {
    "s3 main": ("123456789012", "main"),
    "s3 tenant": ("333333333333", "tenant"),
    "iam": ("444444444444", "iam"),
    "iam root": ("555555555555", "iam-root"),
    "iam alt root": ("666666666666", "iam-alt-root"),
}
"""The accounts by the sections of the configuration: number and name."""
REALM = "s3-tests"
CLIENT = "s3-tests-client"
ISSUER = f"https://localhost/auth/realms/{REALM}"
TOKENS_LAST = 86_400


def make_account(folder: Path, number: str, name: str) -> dict[str, str]:
    """Make an account; what the suite must know of it."""
    add = [str(MARINELAYER), "account", "add", number, "--name", name, "--data", str(folder)]
    made = json.loads(subprocess.run(add, check=True, capture_output=True, text=True).stdout)
    return {
        "account": number,
        "display_name": made["name"],
        "user_id": made["canonical_id"],
        "email": f"{name}@example.com",
        "access_key": made["access_key_id"],
        "secret_key": made["secret_access_key"],
    }


def make_user(cloud: LocalCloud, account: dict[str, str]) -> dict[str, str]:
    """Make the user with an administrator's rights in an account, named by its canonical id."""
    iam = boto3.client(
        "iam",
        endpoint_url=cloud.endpoint_url,
        region_name=cloud.region,
        aws_access_key_id=account["access_key"],
        aws_secret_access_key=account["secret_key"],
    )
    name = account["user_id"]
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {**account, "access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}


class Issuer:
    """An OpenID Connect issuer with a key of its own."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def keys(self) -> dict[str, Any]:
        """Its public keys, as `--oidc-keys` takes them."""
        public = self._key.public_key().public_numbers()
        numbers = {"n": public.n, "e": public.e}
        written = {name: _text(value.to_bytes((value.bit_length() + 7) // 8)) for name, value in numbers.items()}
        return {ISSUER: {"keys": [{"kty": "RSA", "kid": "1", "alg": "RS256", **written}]}}

    def token(self, **claims: Any) -> str:
        """A token for the suite's client."""
        now = int(time.time())
        told = {"iss": ISSUER, "aud": CLIENT, "azp": CLIENT, "sub": REALM, "iat": now, "exp": now + TOKENS_LAST}
        pieces = ({"alg": "RS256", "typ": "JWT", "kid": "1"}, {**told, **claims})
        signed = ".".join(_text(json.dumps(piece).encode()) for piece in pieces)
        return f"{signed}.{_text(self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def identities(issuer: Issuer) -> dict[str, str]:
    """The section of web identities: a token, and one that tags its session."""
    tags = {"https://aws.amazon.com/tags": {"principal_tags": {"Department": ["Engineering"]}}}
    return {
        "token": issuer.token(),
        "user_token": issuer.token(**tags),
        "aud": CLIENT,
        "sub": REALM,
        "azp": CLIENT,
        "thumbprint": "0" * 40,
        "KC_REALM": REALM,
    }


def configuration(port: int, sections: dict[str, dict[str, str]]) -> configparser.RawConfigParser:
    """The suite's configuration. Its main account makes one bucket in another region (`api_name`)."""
    written = configparser.RawConfigParser()
    written["DEFAULT"] = {"host": "127.0.0.1", "port": str(port), "is_secure": "False", "ssl_verify": "False"}
    written["fixtures"] = {
        "bucket prefix": "s3t-{random}-",
        "iam name prefix": "s3-tests-",
        "iam path prefix": "/s3-tests/",
    }
    written.read_dict(sections)
    written["s3 main"]["api_name"] = "us-west-2"
    written["s3 main"]["lc_debug_interval"] = "2"
    written["s3 tenant"]["tenant"] = "tenant"
    # The suite asks whether root's UserId is this; on AWS it is the account's number.
    written["iam root"]["user_id"] = written["iam root"]["account"]
    return written


def main() -> None:
    """Print the configuration."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    sections = {section: make_account(folder, *account) for section, account in SECTIONS.items()}
    with local_cloud(folder) as cloud:
        sections["s3 alt"] = make_user(cloud, sections["iam"])
    issuer = Issuer()
    folder.with_name(f"{folder.name}.oidc.json").write_text(json.dumps(issuer.keys()), "utf-8")
    sections["webidentity"] = identities(issuer)
    configuration(port, sections).write(sys.stdout)


if __name__ == "__main__":
    main()
