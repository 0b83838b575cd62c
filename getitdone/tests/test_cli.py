from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from getitdone.cli import main

COMMANDS = ("report", "alert", "triage", "run", "check", "load", "sample", "settings", "subscribe")
README = Path(__file__).parents[1] / "README.md"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of a developer, no cloud: nothing listens on port 9."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "GETITDONE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    (tmp_path / "quick.toml").write_text("[aws]\nmax_attempts = 1\ntimeout_seconds = 2\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_stands_in_the_readme(command: str) -> None:
    shown = call(command, "--help")
    assert shown.exit_code == 0
    assert "Usage:" in shown.output
    assert re.search(rf"getitdone {command}\b", README.read_text())


def test_every_option_stands_in_the_readme() -> None:
    readme = README.read_text()
    options = {
        (name, option) for name, command in main.commands.items() for each in command.params for option in each.opts
    }
    missing = {
        (name, option)
        for name, option in options
        if option.startswith("--") and not re.search(rf"`[^`]*{option}\b", readme)
    }
    assert not missing


def test_no_command_is_left_out_of_these_tests() -> None:
    assert set(main.commands) == set(COMMANDS)


def test_a_wrong_month_is_a_wrong_command_line() -> None:
    result = call("report", "tomorrow")
    assert result.exit_code == 2
    assert "'tomorrow' is no month" in result.output


def test_an_unknown_setting_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "getitdone.toml").write_text("[reports]\ntitel = 'x'\n")
    result = call("report", "2021-04")
    assert result.exit_code == 2
    assert "reports.titel: there is no such setting" in result.output


@pytest.mark.parametrize("command", ["report", "alert", "triage", "run"])
def test_a_cloud_that_can_not_be_reached_is_worth_another_try(command: str) -> None:
    result = call(command, "apr", "2021", "--config", "quick.toml")
    assert result.exit_code == 75
    assert "Could not connect" in result.output
    assert "Traceback" not in result.output


def test_check_says_what_fails() -> None:
    result = call("check", "--config", "quick.toml", "--json")
    assert result.exit_code == 1
    findings = {one["name"]: one["state"] for one in json.loads(result.output)["findings"]}
    assert findings["credentials"] == findings["bucket gid-contacts"] == "failed"


def test_a_sample_is_written_without_any_cloud(tmp_path: Path) -> None:
    result = call(
        "sample", "--out", str(tmp_path / "city"), "--seed", "4", "--month", "may 2021", "--days", "2", "--json"
    )
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert (told["files"], told["rows"] > 50) == (2, True)
    assert (tmp_path / "city/requests/2021/05/2021-05-02.csv").exists()
    assert "generated" in (tmp_path / "city/README.txt").read_text()


def test_the_settings_are_printed_as_a_file_that_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "getitdone.toml").write_text(call("settings").output)
    assert "is no month" in call("report", "x").output, "the file was read without complaint"
