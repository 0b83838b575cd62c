"""The keys of a data folder's local key ring, as who runs the cloud keeps them: added and listed.

They are commands of the machine's owner, as accounts are; there is no KMS service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marinelayer.app.system import RandomIds, SystemClock
from marinelayer.config import DEFAULT_REGION, CloudError
from marinelayer.services.s3.kms_keys import KmsKey, KmsKeyExistsError, add_key, is_a_name, keys, new_key_id
from marinelayer.storage.folder import DataFolder

_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}")
_REGION = re.compile(r"[a-z0-9-]{1,64}")
_NUMBER = re.compile(r"[0-9]{12}")


class KmsKeys:
    """The key ring of the folder's present epoch."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def add(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make a key: `key_id` (a random UUID where it is ""), with the `alias`, of an `account` (the folder's own)
        in a `region`.

        Raises:
            CloudError: there is such a key or alias, or an argument is none.
        """
        key_id, alias = arguments.get("key_id") or "", arguments.get("alias") or None
        account = arguments.get("account") or self._folder.account
        region = arguments.get("region") or DEFAULT_REGION
        if key_id and not is_a_name(key_id):
            raise CloudError("A key's id is a UUID, mrk- and 32 digits, or a name of letters, digits, - and _.")
        if alias is not None and (not _ALIAS.fullmatch(alias) or alias.startswith("alias/aws/")):
            raise CloudError("An alias is alias/ and a name, which does not begin with aws/.")
        if not _NUMBER.fullmatch(account) or not _REGION.fullmatch(region):
            raise CloudError("An account is a number of 12 digits, a region a name such as us-east-1.")
        key = KmsKey(account=account, region=region, key_id=key_id or new_key_id(RandomIds().token(32)), alias=alias)
        try:
            await self._folder.epoch.tables.write(add_key, key, SystemClock().now())
        except KmsKeyExistsError:
            raise CloudError(f"There is a key {key.arn} already, or one with this alias.") from None
        return _shown(key)

    async def list(self, _: Mapping[str, Any]) -> dict[str, Any]:
        """Every key, by account, region and id."""
        return {"keys": [_shown(key) for key in await self._folder.epoch.tables.read(keys)]}


def _shown(key: KmsKey) -> dict[str, Any]:
    return {"arn": key.arn, "alias": key.alias}
