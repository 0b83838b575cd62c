"""The command line: each command in a few lines, all work elsewhere."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from marinelayer.config import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

DATA = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=None, help="The cloud's data folder."
)

EXAMPLES = """\b
Examples:
  marinelayer explain --as anonymous s3:GetObject s3://gid-reports/2019/feb/final_report.csv
  marinelayer explain --as arn:aws:iam::123456789012:user/reader s3:ListBucket s3://gid-requests \\
      --context s3:prefix=2018/
  marinelayer explain --as arn:aws:iam::123456789012:user/reader sns:Publish \\
      arn:aws:sns:us-east-1:123456789012:city_alerts --context aws:SourceIp=203.0.113.7 --json
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="marinelayer")
def main() -> None:
    """Marine Layer: AWS's wire protocols on your own ground."""


def settings_options(command: Command) -> Command:
    """Every setting as a flag of the command."""
    for name, field in reversed(Settings.model_fields.items()):
        command = _option(name, field)(command)
    return command


def _option(name: str, field: FieldInfo) -> Callable[[Command], Command]:
    flag = "--" + name.replace("_", "-")
    annotation: Any = field.annotation
    kinds: list[Any] = [kind for kind in (get_args(annotation) or (annotation,)) if kind is not type(None)]
    shown = "" if field.default in (None, False) else f"  [default: {field.default}]"
    text = (field.description or "") + shown
    if field.annotation is bool:
        return click.option(flag, is_flag=True, default=None, help=text)
    if get_origin(field.annotation) is Literal:
        return click.option(flag, type=click.Choice(get_args(field.annotation)), default=None, help=text)
    by_kind: dict[Any, Any] = {int: int, float: float, Path: click.Path(path_type=Path)}
    kind = by_kind.get(kinds[0], str)
    metavar = "ID:SECRET" if name == "root_key" else ("URL" if kinds[0] is SecretStr else None)
    return click.option(flag, type=kind, default=None, help=text, metavar=metavar)


def _settings(flags: dict[str, Any]) -> Settings:
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise click.UsageError(problems) from None


@main.command()
@settings_options
def up(**flags: Any) -> None:
    """Start the cloud; it prints one line when it serves, and ends with Ctrl-C or SIGTERM."""
    from marinelayer.app import serve

    _run(serve(_settings(flags), ready=lambda url: click.echo(f"ready {url}")))


@main.command()
@DATA
def env(data: Path | None) -> None:
    """Print the variables that point AWS clients here, for eval."""
    from marinelayer.connection import connection

    link = _run(connection(_data(data)))
    for name, value in link.environment().items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command(name="open")
@DATA
def open_command(data: Path | None) -> None:
    """Print a link that signs a browser in to the inbox, once."""
    from marinelayer.connection import ask_owner

    click.echo(_run(ask_owner(_data(data), "sign-in-link"))["url"])


@main.command(context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False})
@settings_options
@click.option("--offline", is_flag=True, help="Refuse hosts that are not amazonaws.com's.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: tuple[str, ...], offline: bool, **flags: Any) -> None:
    """Run COMMAND with every *.amazonaws.com name served by this cloud.

    Uses the cloud that serves --data, or starts one for the command's time (on a throw-away folder without --data).
    Programs that ignore the proxy variables are not caught.
    """
    from marinelayer.running import run_command

    given = {name: value for name, value in flags.items() if value is not None}
    sys.exit(_run(run_command(_settings(given), list(command), throw_away="data" not in given, offline=offline)))


@main.command()
@DATA
def inbox(data: Path | None) -> None:
    """Print the inbox as JSON lines, newest first."""
    from marinelayer.connection import ask_owner

    for message in _run(ask_owner(_data(data), "inbox"))["messages"]:
        click.echo(json.dumps(message, ensure_ascii=False))


@main.command(epilog=EXAMPLES)
@click.option("--as", "who", metavar="ARN|anonymous", required=True, help="Who asks: the ARN of a root or user.")
@click.option(
    "--context",
    "given",
    metavar="KEY=VALUE",
    multiple=True,
    help="A condition key of the request, such as aws:SourceIp=10.0.0.1; repeated for more of them, or more values.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.argument("action", metavar="ACTION")
@click.argument("resource", metavar="RESOURCE")
@DATA
def explain(who: str, given: tuple[str, ...], as_json: bool, action: str, resource: str, data: Path | None) -> None:
    """Say whether somebody may do ACTION on RESOURCE, and why.

    RESOURCE is an ARN, s3://BUCKET/KEY, or * for actions that have none. It is the decision that a request would get,
    whether the cloud runs or not. Condition keys that are not given are those of a request from this machine, signed
    now. Exits with 0 if it is allowed, 1 if it is denied, and 2 where it can not be told.
    """
    from marinelayer.app.accounts import ask_for

    context: dict[str, list[str]] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter(f"{one} is not KEY=VALUE.", param_hint="--context")
        context.setdefault(key, []).append(value)
    asked = {"as": who, "action": action, "resource": resource, "context": context}
    answer = _run(ask_for(_data_settings(data), "explain", **asked), exit_code=click.UsageError.exit_code)
    click.echo(json.dumps(answer["explanation"], indent=2, ensure_ascii=False) if as_json else answer["tree"])
    sys.exit(0 if answer["allowed"] else 1)


@main.group()
def account() -> None:
    """The accounts of a cloud, whether it runs or not."""


@account.command(name="add")
@click.argument("number", metavar="12DIGITS")
@click.option("--name", default="", help="What S3's lists call it, where they show names.")
@click.option("--root-key", metavar="ID:SECRET", help="The root user's key; random where it is not given.")
@DATA
def add_account(number: str, name: str, root_key: str | None, data: Path | None) -> None:
    """Make an account; prints it with its canonical id and its root user's key, as a line of JSON."""
    from marinelayer.app.accounts import ask_for

    click.echo(
        json.dumps(_run(ask_for(_data_settings(data), "account-add", account=number, name=name, root_key=root_key)))
    )


@account.command(name="list")
@DATA
def list_accounts(data: Path | None) -> None:
    """Print every account with its canonical id, as JSON lines."""
    from marinelayer.app.accounts import ask_for

    for one in _run(ask_for(_data_settings(data), "account-list"))["accounts"]:
        click.echo(json.dumps(one))


@account.command(name="remove")
@click.argument("number", metavar="12DIGITS")
@DATA
def remove_account(number: str, data: Path | None) -> None:
    """Remove an account that owns no buckets, users, topics and subscriptions."""
    from marinelayer.app.accounts import ask_for

    _run(ask_for(_data_settings(data), "account-remove", account=number))


@main.group(name="kms-key")
def kms_key() -> None:
    """The keys that S3 encrypts with for SSE-KMS, whether the cloud runs or not."""


@kms_key.command(name="add")
@click.argument("key_id", default="")
@click.option("--alias", help="alias/NAME, by which requests may name it too.")
@click.option("--account", help="The account whose key it is; the folder's own where it is not given.")
@click.option("--region", help="The region whose buckets may use it (us-east-1).")
@DATA
def add_kms_key(data: Path | None, **arguments: str | None) -> None:
    """Make the key KEY_ID, or one with a random id; prints its ARN and alias as a line of JSON."""
    from marinelayer.app.accounts import ask_for

    click.echo(json.dumps(_run(ask_for(_data_settings(data), "kms-key-add", **arguments))))


@kms_key.command(name="list")
@DATA
def list_kms_keys(data: Path | None) -> None:
    """Print every key, as JSON lines."""
    from marinelayer.app.accounts import ask_for

    for one in _run(ask_for(_data_settings(data), "kms-key-list"))["keys"]:
        click.echo(json.dumps(one))


@main.group()
def models() -> None:
    """The models that engines can use: what there is, and what of it is on this machine."""


MODELS = click.option(
    "--models", "folder", type=click.Path(path_type=Path, file_okay=False), default=None, help="The models folder."
)


@models.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@MODELS
def list_models(folder: Path | None, as_json: bool) -> None:
    """Print every model of the catalogue, with its licence, its measured accuracy, and whether it is here."""
    from marinelayer.app.models import show_models

    show_models(_models_folder(folder), as_json=as_json)


@models.command(name="pull")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@MODELS
def pull_models(names: tuple[str, ...], folder: Path | None) -> None:
    """Download models into the models folder. What breaks off goes on where it was when it is asked for again."""
    from marinelayer.app.models import pull_models

    for name in names:
        _mend(lambda name=name: pull_models(name, _models_folder(folder)))


@models.command(name="add")
@click.argument("source", metavar="DIR", type=click.Path(path_type=Path))
@MODELS
def add_models(source: Path, folder: Path | None) -> None:
    """Copy the models whose files lie in DIR, under whatever names, into the models folder: for machines without
    internet."""
    from marinelayer.app.models import add_models

    _mend(lambda: add_models(source, _models_folder(folder)))


@models.command(name="remove")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@MODELS
def remove_models(names: tuple[str, ...], folder: Path | None) -> None:
    """Remove models from the models folder."""
    from marinelayer.app.models import remove_model

    for name in names:
        _mend(lambda name=name: remove_model(name, _models_folder(folder)))


def _models_folder(given: Path | None) -> Path:
    return _settings({"models": given}).models_folder


def _mend(work: Callable[[], None]) -> None:
    """Run it; a refusal that a person can mend is one line on stderr and exit code 1."""
    from marinelayer.config import CloudError

    try:
        work()
    except CloudError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _data_settings(given: Path | None) -> Settings:
    return _settings({"data": given})


def _data(given: Path | None) -> Path:
    return _data_settings(given).data


def _run(work: Any, *, exit_code: int = 1) -> Any:
    """Run a coroutine on uvloop; a refusal that a person can mend is one line on stderr and `exit_code`."""
    import uvloop

    from marinelayer.config import CloudError

    try:
        return uvloop.run(work)
    except CloudError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(exit_code)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
