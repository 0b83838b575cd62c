"""The accounts of a data folder, as who runs the cloud keeps them: the first one, and those added, listed and removed.

They are commands of the machine's owner, not operations of AWS: the control socket takes them while the cloud runs;
on a free folder `ask_for` runs them here. Secrets go to who asks and nowhere else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from marinelayer.app.account_removal import remove_account
from marinelayer.app.explaining import Explaining
from marinelayer.app.kms_keys import KmsKeys
from marinelayer.app.system import RandomIds, SystemClock
from marinelayer.config import CloudError, Settings, read_root_key
from marinelayer.connection import NEVER_STARTED, ask_owner
from marinelayer.services.iam.accounts import (
    Account,
    AccountExistsError,
    RootKey,
    accounts,
    create_account,
    prepare_account,
    root_key,
)
from marinelayer.storage.folder import DataFolder
from marinelayer.storage.migrations import SchemaError
from marinelayer.storage.ownership import FolderError, read_run

Command = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

FIRST_ACCOUNT = "main"
"""What the account is called that a folder begins with."""
_NUMBER = re.compile(r"[0-9]{12}")
_NAME = re.compile(r"[ -;=?-~]{1,50}")
"""What AWS takes for an account's name: 50 printable ASCII characters, neither `<` nor `>`."""


async def first_start(folder: DataFolder, settings: Settings) -> RootKey:
    """The root key of the folder's own account, which is made at the first start.

    Raises:
        CloudError: the settings name another key than the folder has.
    """
    given = None if settings.root_key is None else _root_key(settings.root_key.get_secret_value())
    found = await folder.epoch.tables.read(root_key, folder.account, folder.keyring)
    if found is None:
        return (await _create(folder, folder.account, FIRST_ACCOUNT, given))[1]
    if given is not None and given != found:
        raise CloudError(f"{settings.data} has had another root key since its first start")
    return found


class Accounts:
    """The accounts of the folder's present epoch. `lock` is held while one is added or removed: no reset may carry
    the accounts away in between."""

    def __init__(self, folder: DataFolder, lock: asyncio.Lock) -> None:
        self._folder = folder
        self._lock = lock

    @property
    def commands(self) -> Mapping[str, Command]:
        """What the control socket takes."""
        return {"account-add": self.add, "account-list": self.list, "account-remove": self.remove}

    async def add(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make the account `account` (12 digits) called `name` ("" for no name), with the root key `root_key`
        (ID:SECRET), else a random one. The account as `list` shows it, and its key.

        Raises:
            CloudError: there is such an account or key, or an argument is none.
        """
        number, name, given = _number(arguments), arguments.get("name") or "", arguments.get("root_key")
        if name and not _NAME.fullmatch(name):
            raise CloudError("An account's name is 1 to 50 printable ASCII characters, without < and >.")
        async with self._lock:
            account, key = await _create(self._folder, number, name, _root_key(given) if given is not None else None)
        return _shown(account) | {"access_key_id": key.access_key_id, "secret_access_key": key.secret}

    async def list(self, _: Mapping[str, Any]) -> dict[str, Any]:
        """Every account by number, without keys."""
        return {"accounts": [_shown(account) for account in await self._folder.epoch.tables.read(accounts)]}

    async def remove(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Remove the account `account` with the keys of its root user.

        Raises:
            CloudError: there is none, it is the folder's own, or it owns something.
        """
        number = _number(arguments)
        if number == self._folder.account:
            raise CloudError(f"{number} is the account that the folder began with; it stays.")
        async with self._lock:
            await self._folder.epoch.tables.write(remove_account, number)
        return {}


def owners_commands(folder: DataFolder, lock: asyncio.Lock) -> Mapping[str, Command]:
    """What the machine's owner may have done to a folder, whether it is served or not."""
    kms_keys = KmsKeys(folder)
    return {
        **Accounts(folder, lock).commands,
        "kms-key-add": kms_keys.add,
        "kms-key-list": kms_keys.list,
        "explain": Explaining(folder).explain,
    }


async def ask_for(settings: Settings, command: str, **arguments: Any) -> dict[str, Any]:
    """The answer to one of `owners_commands`, of the process that serves the folder, or from the folder itself.
    `account-add` makes a folder that is not there.

    Raises:
        CloudError: the command is refused, or the folder can not be used.
    """
    if read_run(settings.data) is not None:
        return await ask_owner(settings.data, command, **arguments)
    if command != "account-add" and not settings.data.exists():
        raise CloudError(NEVER_STARTED.format(data=settings.data))
    try:
        folder = DataFolder(settings.data, account=settings.account)
    except (FolderError, SchemaError) as error:
        raise CloudError(str(error)) from None
    try:
        return await owners_commands(folder, asyncio.Lock())[command](arguments)
    finally:
        await folder.close()


async def _create(folder: DataFolder, number: str, name: str, given: RootKey | None) -> tuple[Account, RootKey]:
    account, key = prepare_account(
        number, keyring=folder.keyring, ids=RandomIds(), clock=SystemClock(), name=name, root_key=given
    )
    try:
        await folder.epoch.tables.write(create_account, account)
    except AccountExistsError as error:
        text = str(error)
        raise CloudError(f"{text[0].upper()}{text[1:]}.") from None
    return account, key


def _number(arguments: Mapping[str, Any]) -> str:
    number = arguments.get("account")
    if not (isinstance(number, str) and _NUMBER.fullmatch(number)):
        raise CloudError("An account is a number of 12 digits.")
    return number


def _root_key(text: str) -> RootKey:
    try:
        key_id, secret = read_root_key(text)
    except ValueError as error:
        raise CloudError(f"A root key {error}.") from None
    return RootKey(access_key_id=key_id, secret=secret)


def _shown(account: Account) -> dict[str, Any]:
    return {"account": account.account, "name": account.name, "canonical_id": account.canonical_id}
