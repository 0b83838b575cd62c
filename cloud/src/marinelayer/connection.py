"""How other commands reach a cloud: through the process that owns its folder, or the folder itself when it is free."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marinelayer.config import DEFAULT_REGION, CloudError
from marinelayer.services.iam.accounts import root_key
from marinelayer.serving.control import ask
from marinelayer.storage.folder import DataFolder
from marinelayer.storage.ownership import FolderInUseError, Run, read_last, read_run

NEVER_STARTED = "No cloud was ever started on {data}. Start it with: marinelayer up --data {data}"
"""What commands say of a folder that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What an AWS client needs: the endpoint and the root user's key."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str = DEFAULT_REGION

    def environment(self) -> dict[str, str]:
        """As the variables that AWS clients read."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": self.region,
        }


async def ask_owner(data: Path, command: str, **arguments: Any) -> dict[str, Any]:
    """The answer of the process that serves the folder.

    Raises:
        CloudError: none does.
    """
    run = read_run(data)
    if run is None or run.control is None:
        raise CloudError(f"No cloud serves {data}. Start it with: marinelayer up --data {data}")
    return await ask(Path(run.control), command, **arguments)


async def connection(data: Path) -> Connection:
    """How to reach the cloud on a folder, whether it runs or not: with the addresses of the last time if it does not.

    Raises:
        CloudError: the folder was never started, or is owned by a process that does not serve.
    """
    if read_run(data) is not None:
        answer = await ask_owner(data, "root-key")
        return Connection(**answer)
    last = read_last(data)
    if last is None:
        raise CloudError(NEVER_STARTED.format(data=data))
    return await _from_folder(data, last)


async def _from_folder(data: Path, last: Run) -> Connection:
    try:
        folder = DataFolder(data)
    except FolderInUseError as error:
        raise CloudError(f"{error}, and it does not serve") from None
    try:
        key = await folder.epoch.tables.read(root_key, folder.account, folder.keyring)
    finally:
        await folder.close()
    if key is None:
        raise CloudError(f"{data} has no root key")
    return Connection(endpoint_url=last.api, access_key_id=key.access_key_id, secret_access_key=key.secret)
