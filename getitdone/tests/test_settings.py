from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from getitdone.config import Section, Settings, load_settings
from getitdone.errors import SettingsError
from getitdone.reference import reference

README = Path(__file__).parents[1] / "README.md"


def write(folder: Path, text: str) -> Path:
    file = folder / "getitdone.toml"
    file.write_text(text)
    return file


def test_without_a_file_the_defaults_are_the_lessons_thresholds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = {rule.department: rule for rule in load_settings().alerts.rules}
    assert (rules["streets"].services, rules["streets"].over["critical"]) == (("Pothole",), 100)
    assert (rules["trash"].services, rules["trash"].over["critical"]) == (("Illegal Dumping",), 30)
    assert rules["water"].over == {"critical": 100, "extreme": 300}


def test_the_file_in_the_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[reports]\ntitle = "Our City"\n')
    monkeypatch.chdir(tmp_path)
    assert load_settings().reports.title == "Our City"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[report]\ntitle = 'x'", "report"),
        ("[reports]\ntitel = 'x'", "reports.titel"),
        ("[aws]\nthreads = 0", "aws.threads"),
        ("[buckets]\ncontacts = 'Gid_Contacts'", "buckets.contacts"),
        ("[buckets]\nstate = 'gid-reports'", "public bucket"),
        ("[alerts]\nlevels = 'some'", "alerts.levels"),
        ("[[alerts.rules]]\ndepartment='a'\nservices=['b']\nwhat='c'\nover={urgent=1}", "urgent"),
        ("[alerts.messages.critical]\nsubject='{count.__class__}'\ntext='x'", "template"),
        ("[triage.message]\nsubject='x'\ntext='{nobody}'", "template"),
        ("[reports]\nbase_url = 'javascript:alert(1)'", "reports.base_url"),
        ("[reports", "can not be read"),
    ],
)
def test_what_a_file_may_not_say_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(write(tmp_path, text))
    assert named in str(refused.value)


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml"):
        load_settings(tmp_path / "nothing.toml")


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().reports.title = "x"  # pyright: ignore[reportAttributeAccessIssue] - it is frozen


def test_the_reference_says_what_is_so_anyway() -> None:
    assert Settings.model_validate(tomllib.loads(reference())) == Settings()


def test_the_readme_has_the_reference_as_it_is_printed() -> None:
    blocks = README.read_text().split("```toml\n")
    assert blocks[-1].split("```")[0] == reference(), "print `getitdone settings` into the README again"


def test_every_setting_says_what_it_means() -> None:
    for name, section in Settings():
        assert isinstance(section, Section)
        for key, field in type(section).model_fields.items():
            assert field.description, f"{name}.{key}"
            assert field.description in reference()
