"""Passwords: hashed slowly with a salt, compared, and judged by the account's policy.

Pure and slow: hashing takes tens of milliseconds, so that callers do it in a thread.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html.
"""

from __future__ import annotations

import hashlib
import hmac
import string
from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.services.iam.errors import PasswordPolicyViolation

_COST, _BLOCK, _PARALLEL = 2**14, 8, 1
_LENGTH = 32
SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
"""What AWS counts as non-alphanumeric characters of passwords."""
_KINDS = (
    ("RequireUppercaseCharacters", string.ascii_uppercase, "uppercase letter"),
    ("RequireLowercaseCharacters", string.ascii_lowercase, "lowercase letter"),
    ("RequireNumbers", string.digits, "number"),
    ("RequireSymbols", SYMBOLS, "symbol"),
)
_DEFAULT_LENGTH, _DEFAULT_KINDS = 8, 3


def hash_password(password: str, salt: str) -> str:
    """`scrypt$COST$BLOCK$PARALLEL$SALT$HASH`, by which `is_password` knows the password again."""
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt}${_scrypt(password, salt, _COST, _BLOCK, _PARALLEL)}"


def is_password(password: str, hashed: str) -> bool:
    """Whether it is the password that was hashed."""
    _, cost, block, parallel, salt, digest = hashed.split("$")
    return hmac.compare_digest(_scrypt(password, salt, int(cost), int(block), int(parallel)), digest)


def _scrypt(password: str, salt: str, cost: int, block: int, parallel: int) -> str:
    return hashlib.scrypt(
        password.encode(), salt=salt.encode(), n=cost, r=block, p=parallel, dklen=_LENGTH, maxmem=2**26
    ).hex()


def check_password(password: str, policy: Mapping[str, Any] | None) -> None:
    """Hold a new password to the account's policy, to AWS's default where it has none: 8 characters, of three of the
    four kinds.

    Raises:
        PasswordPolicyViolation: it breaks the policy.
    """
    if policy is None:
        kinds = sum(any(letter in letters for letter in password) for _, letters, _ in _KINDS)
        if len(password) < _DEFAULT_LENGTH or kinds < _DEFAULT_KINDS:
            raise PasswordPolicyViolation("Password does not conform to the account password policy.")
        return
    least = policy["MinimumPasswordLength"]
    if len(password) < least:
        raise PasswordPolicyViolation(f"Password should have a minimum length of {least}")
    for rule, letters, kind in _KINDS:
        if policy[rule] and not any(letter in letters for letter in password):
            raise PasswordPolicyViolation(f"Password should have at least one {kind}")


def check_reuse(password: str, hashes: Sequence[str], policy: Mapping[str, Any] | None) -> None:
    """Hold a new password to the policy's PasswordReusePrevention; `hashes` are those of the passwords so far, the
    newest first.

    Raises:
        PasswordPolicyViolation: it is one of those that may not be used again.
    """
    remembered = (policy or {}).get("PasswordReusePrevention", 0)
    if any(is_password(password, hashed) for hashed in hashes[:remembered]):
        raise PasswordPolicyViolation(
            "Policy constraint violation with password reuse prevention during password change."
        )
