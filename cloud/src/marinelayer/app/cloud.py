"""One process's cloud: the folder it owns, the engines, the sockets; started, served, reset and stopped."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from marinelayer.app.accounts import first_start, owners_commands
from marinelayer.app.banner import banner
from marinelayer.app.ground import Ground
from marinelayer.app.house import House
from marinelayer.app.log import log_request, set_up_log
from marinelayer.app.routes import shown
from marinelayer.app.system import RandomIds, SystemClock
from marinelayer.config import DEFAULT_REGION, CloudError, Settings
from marinelayer.console.console import Console
from marinelayer.console.sessions import Sessions
from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.http import Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.model.service import load_service
from marinelayer.pipeline.trace import Trace
from marinelayer.protocol.addresses import Hosts
from marinelayer.protocol.dialect import dialect_of
from marinelayer.security.web_identity import IssuerKeys, read_issuer_keys
from marinelayer.services.iam.accounts import RootKey, export_accounts, import_accounts
from marinelayer.serving.control import Command, ControlServer, Held
from marinelayer.serving.limits import Limits
from marinelayer.serving.proxy import Proxy
from marinelayer.serving.server import HttpServer
from marinelayer.serving.tls import CertificateAuthority, own_context
from marinelayer.storage.folder import DataFolder, Epoch
from marinelayer.storage.migrations import SchemaError
from marinelayer.storage.ownership import FolderError, Run

GRACE_SECONDS = 10.0
MOST_FILES = 10_240
FILES_KEPT = 1024
"""File descriptors that connections leave to everything else: however many strangers come, objects can be opened."""
CONSOLE_CONNECTIONS = 256
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _unlogged(_: Trace) -> None:
    return


class Cloud:
    """A running cloud. `start` makes one, `stop` ends it."""

    def __init__(
        self, settings: Settings, folder: DataFolder, engines: Engines, key: RootKey, log: Callable[[Trace], None]
    ) -> None:
        """Wire everything; nothing listens yet. Use `start`."""
        self.settings = settings
        self.root_key = key
        self.api_url = ""
        self.console_url = ""
        self.tls_url: str | None = None
        self._folder = folder
        self._engines = engines
        self._clock, self._ids = SystemClock(), RandomIds()
        self._resetting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()
        self._proxies: set[Proxy] = set()
        public = urlsplit(settings.public_url or "").hostname
        self._names = LOOPBACK | frozenset(filter(None, (settings.host, public)))
        self._ground = Ground(
            settings=settings,
            clock=self._clock,
            ids=self._ids,
            keyring=folder.keyring,
            issuers=_issuers(settings),
            engines=engines,
            hosts=Hosts(own=self._names),
            base_url=lambda: self.settings.public_url or self.api_url,
            log=log,
            describe=self.describe,
            reset=self.reset if settings.allow_reset else None,
        )
        self._house = House(folder.epoch, self._ground)
        self._server = HttpServer(self._answer, refuse=_refuse, limits=Limits(connections=_most_connections()))
        self._sessions = Sessions(self._clock, self._ids)
        self._console = HttpServer(
            Console(
                api=self._answer,
                identities=_Current(lambda: self._house),
                sessions=self._sessions,
                clock=self._clock,
                ids=self._ids,
                hosts=self._names,
            ),
            refuse=_refuse,
            limits=Limits(connections=CONSOLE_CONNECTIONS),
        )
        self._control = ControlServer(folder.path, self._commands())

    @property
    def account(self) -> str:
        """The account, 12 digits."""
        return self._folder.account

    @classmethod
    async def start(cls, settings: Settings, *, log: Callable[[Trace], None] = _unlogged) -> Cloud:
        """Own the folder, listen, and say so in run.json; `log` is told of every answered request.

        Raises:
            CloudError: the folder can not be used, or an address can not be had.
        """
        try:
            folder = DataFolder(settings.data, account=settings.account)
        except (FolderError, SchemaError) as error:
            raise CloudError(str(error)) from None
        sys.stderr.write(banner(settings))
        engines = open_engines(
            settings.models_folder,
            spool=settings.data,
            pulling=settings.pull_models,
            device=settings.engine_device,
        )
        try:
            key = await first_start(folder, settings)
            cloud = cls(settings, folder, engines, key, log)
            await cloud._listen()
        except BaseException:
            await engines.close()
            await folder.close()
            raise
        return cloud

    async def stop(self) -> None:
        """Answer what is under way, then leave the folder to others."""
        await self._control.stop()
        for proxy in list(self._proxies):
            await proxy.stop(0)
        await asyncio.gather(self._server.stop(GRACE_SECONDS), self._console.stop(GRACE_SECONDS))
        for leaving in self._leaving:
            leaving.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await self._house.close()
        await self._engines.close()
        # Epochs that were still being left are discarded with it.
        await self._folder.close()

    async def reset(self) -> None:
        """Begin a new epoch, empty but for accounts and their root keys.

        Requests under way end in the old one; what waited there to be delivered never is.
        """
        async with self._resetting:
            old_house, old_epoch = self._house, self._folder.epoch
            new = await self._folder.new_epoch(_carry_accounts)
            self._house = House(new, self._ground)
            self._house.open()
            leaving = asyncio.create_task(self._leave(old_house, old_epoch))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def open_proxy(self, *, offline: bool) -> tuple[Proxy, dict[str, Any]]:
        """A proxy by which every amazonaws.com name is served here, with what a child needs to use it."""
        authority = CertificateAuthority.open(self._folder.ca)
        proxy = Proxy(self._answer, authority, refuse=_refuse, offline=offline)
        await proxy.listen()
        self._proxies.add(proxy)
        return proxy, {
            "proxy_url": proxy.url,
            "ca_bundle": str(authority.bundle),
            "access_key_id": self.root_key.access_key_id,
            "secret_access_key": self.root_key.secret,
        }

    def describe(self) -> Mapping[str, Any]:
        """The health document."""
        return {
            "status": "ok",
            "version": version("marinelayer"),
            "region": DEFAULT_REGION,
            "engines": self._engines.describe(),
        }

    async def _answer(self, request: Request) -> Response:
        return await self._house.pipeline(request)

    async def _listen(self) -> None:
        settings = self.settings
        try:
            host, port = await self._server.listen(settings.host, settings.port)
            console_host, console_port = await self._console.listen(settings.host, settings.console_port)
            if settings.tls_port is not None:
                context = own_context(self._folder.ca, sorted(self._names))
                self.tls_url = _url("https", *await self._server.listen(settings.host, settings.tls_port, context))
        except OSError as error:
            await asyncio.gather(self._server.stop(0), self._console.stop(0))
            raise CloudError(
                f"{settings.host}:{settings.port}/{settings.console_port}: {error.strerror or error}"
            ) from None
        self.api_url = _url("http", host, port)
        self.console_url = _url("http", console_host, console_port)
        control = await self._control.start()
        self._folder.announce(
            Run(pid=os.getpid(), api=self.api_url, console=self.console_url, tls=self.tls_url, control=str(control))
        )
        self._house.open()
        if settings.allow_reset:
            self._folder.prepare_spare()

    async def _close_proxy(self, proxy: Proxy) -> None:
        self._proxies.discard(proxy)
        await proxy.stop(0)

    async def _leave(self, house: House, epoch: Epoch) -> None:
        """Close a house at once, and discard its epoch when the requests in it have had their time."""
        await house.close()
        await asyncio.sleep(GRACE_SECONDS)
        await self._folder.discard(epoch)

    def _commands(self) -> dict[str, Command]:
        async def key(_: dict[str, Any]) -> dict[str, Any]:
            return {
                "endpoint_url": self.api_url,
                "access_key_id": self.root_key.access_key_id,
                "secret_access_key": self.root_key.secret,
            }

        async def sign_in_link(_: dict[str, Any]) -> dict[str, Any]:
            return {"url": f"{self.console_url}/sign-in?token={self._sessions.link(self.root_key.access_key_id)}"}

        async def inbox(_: dict[str, Any]) -> dict[str, Any]:
            return {"messages": [shown(message) for message in await self._house.inbox.messages(limit=1000)]}

        async def proxy(arguments: dict[str, Any]) -> Held:
            opened, answer = await self.open_proxy(offline=bool(arguments.get("offline")))
            return Held(answer=answer, on_disconnect=lambda: self._close_proxy(opened))

        return {
            "root-key": key,
            "sign-in-link": sign_in_link,
            "inbox": inbox,
            "proxy": proxy,
            **owners_commands(self._folder, self._resetting),
        }


async def serve(settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Run a cloud until SIGTERM or SIGINT; `ready` is called with its address when it serves."""
    set_up_log()
    _allow_many_connections()
    cloud = await Cloud.start(settings, log=log_request)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    _settle()
    try:
        ready(cloud.api_url)
        await ended.wait()
    finally:
        await cloud.stop()


def _settle() -> None:
    """What is there when the cloud begins to serve stays there: the collector of cycles need not look at it again and
    again. It looks at what is new seldom, since what a request leaves behind is hardly ever a cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _allow_many_connections() -> None:
    """Every connection is a file descriptor, and systems begin with few: take as many as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _most_connections() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MOST_FILES if soft == resource.RLIM_INFINITY else soft
    return min(Limits().connections, max(files - FILES_KEPT, files // 2))


class _Current:
    """ports.Identities of whichever epoch is present."""

    def __init__(self, house: Callable[[], House]) -> None:
        self._house = house

    async def by_access_key(self, access_key_id: str, session_token: str | None = None) -> Any:
        return await self._house().identities.by_access_key(access_key_id, session_token)


def _issuers(settings: Settings) -> IssuerKeys:
    """The keys of the issuers whose tokens are believed.

    Raises:
        CloudError: the file that holds them can not be read.
    """
    if settings.oidc_keys is None:
        return {}
    try:
        return read_issuer_keys(settings.oidc_keys.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CloudError(f"The keys of issuers in {settings.oidc_keys} can not be read: {error}") from None


def _refuse(refusal: Refusal, request_id: str) -> Response:
    """A refusal made before anyone could know the service: in S3's words."""
    s3 = load_service("s3")
    return dialect_of(s3).write_error(s3, refusal, request_id=request_id)


async def _carry_accounts(old: Epoch, new: Epoch) -> None:
    await new.tables.write(import_accounts, await old.tables.read(export_accounts))


def _url(scheme: str, host: str, port: int) -> str:
    shown_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{scheme}://{shown_host}:{port}"
