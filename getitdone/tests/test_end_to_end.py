"""The application on our own cloud, both as a user starts them: through commands, addresses and links."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from running import RunningCloud

MONTH = "2022-05"


def answer(url: str) -> tuple[int, str, bytes]:
    """What a stranger's browser gets: status, type, body."""
    try:
        with urllib.request.urlopen(url, timeout=60) as got:
            return got.status, got.headers["content-type"], got.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers["content-type"], refused.read()


@pytest.fixture(scope="module")
def folder(cloud: RunningCloud) -> Path:
    """A made-up city's first three days, loaded."""
    out = cloud.folder / "city"
    cloud.getitdone("sample", "--out", str(out), "--month", MONTH, "--seed", "11", "--days", "3", "--per-day", "40")
    cloud.getitdone("load", str(out))
    return out


@pytest.fixture(scope="module")
def summary(cloud: RunningCloud, folder: Path) -> dict[str, Any]:
    """What `getitdone run` told of its first run."""
    told = json.loads(cloud.getitdone("run", "may", "2022", "--json").stdout)
    return told["months"][MONTH]


def test_every_request_is_read_or_quarantined(summary: dict[str, Any], folder: Path) -> None:
    lines = sum(len(file.read_bytes().splitlines()) - 1 for file in folder.rglob("2022-05-*.csv"))
    read = summary["requests"]
    assert read["read"] + read["superseded"] + read["quarantined"] + read["other_months"] == lines
    assert read["quarantined"] == 5


def test_the_site_stands_in_public_and_its_links_work(cloud: RunningCloud, summary: dict[str, Any]) -> None:
    index = summary["report"]["index"]
    assert summary["report"]["public"] is True
    status, kind, body = answer(index)
    assert (status, kind) == (200, "text/html; charset=utf-8")
    base = index.removesuffix("index.html")
    for key in summary["report"]["published"]:
        assert f'href="{key}"'.encode() in body
        status, kind, content = answer(base + key)
        assert status == 200
        assert kind.endswith("; charset=utf-8")
        if key.endswith(".csv"):
            counts = {row["service_name"]: int(row["count"]) for row in csv.DictReader(io.StringIO(content.decode()))}
            assert sum(counts.values()) == summary["requests"]["read"]


@pytest.mark.parametrize(
    "place",
    [
        "gid-contacts/contacts.csv",
        "gid-requests/2022/05/2022-05-01.csv",
        "gid-requests/dispatches/2022/may.html",
        "gid-contacts/state/subscriptions.json",
        "gid-reports/",
    ],
)
def test_nothing_else_is_public(cloud: RunningCloud, summary: dict[str, Any], place: str) -> None:
    assert answer(f"{cloud.environment['AWS_ENDPOINT_URL']}/{place}")[0] == 403


def test_check_passes_and_fails_once_the_contacts_are_public(cloud: RunningCloud, summary: dict[str, Any]) -> None:
    cloud.getitdone("check")
    s3 = cloud.client("s3")
    s3.delete_public_access_block(Bucket="gid-contacts")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::gid-contacts/contacts.csv",
    }
    s3.put_bucket_policy(Bucket="gid-contacts", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    try:
        failed = cloud.getitdone("check", code=1).stdout
        assert "failed   gid-contacts/contacts.csv is private: anyone can read it" in failed
    finally:
        s3.delete_bucket_policy(Bucket="gid-contacts")


def test_the_contacts_are_subscribed_by_mail_and_sms(cloud: RunningCloud, summary: dict[str, Any]) -> None:
    counts = summary["alerts"]["subscriptions"]
    assert (counts["confirmed"], counts["pending"], counts["new"]) == (6, 6, 12)
    sns = cloud.client("sns")
    arn = sns.create_topic(Name="streets_extreme")["TopicArn"]
    listed = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert {one["Protocol"] for one in listed} == {"sms"}
    assert all(one["Endpoint"].startswith("+1619555") for one in listed)


def test_descriptions_are_read_and_dispatches_say_why(cloud: RunningCloud, summary: dict[str, Any]) -> None:
    triage = summary["triage"]
    read = sum(count for languages in triage["sentiments"].values() for count in languages.values())
    assert read + triage["without_description"] == triage["requests"] == summary["requests"]["read"]
    assert triage["sent"] == sum(triage["dispatches_by_rule"].values())
    status, kind, page = answer(triage["dispatch_list"]["link"])
    assert (status, kind) == (200, "text/html; charset=utf-8")
    assert f">{triage['sent']}<".encode() in page
    assert triage["engines"] or triage["not_answered"], "it says who answered, or what nobody could"


def test_a_second_run_tells_nobody_anything_twice(cloud: RunningCloud, summary: dict[str, Any]) -> None:
    told = json.loads(cloud.getitdone("run", MONTH, "--json").stdout)["months"][MONTH]
    assert (told["alerts"]["sent"], told["alerts"]["subscriptions"]["new"]) == (0, 0)
    assert told["alerts"]["sent_earlier"] == summary["alerts"]["sent"]
    assert (told["triage"]["sent"], told["triage"]["sent_earlier"]) == (0, summary["triage"]["sent"])
    assert told["triage"]["sentiments"] == summary["triage"]["sentiments"]
    assert told["triage"]["newly_asked"] == {}


def test_a_second_load_sends_nothing(cloud: RunningCloud, summary: dict[str, Any], folder: Path) -> None:
    assert json.loads(cloud.getitdone("load", str(folder), "--json").stdout)["sent"] == 0


def test_a_month_without_files_says_so(cloud: RunningCloud, folder: Path) -> None:
    assert "there are no requests of June 2030" in cloud.getitdone("report", "2030-06", code=1).stderr


def test_wrong_credentials_are_told_in_a_sentence(cloud: RunningCloud, folder: Path) -> None:
    refused = cloud.getitdone("report", MONTH, code=1, AWS_SECRET_ACCESS_KEY="wrong")
    assert "SignatureDoesNotMatch" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_san_diegos_real_requests_from_load_to_dispatch(
    cloud: RunningCloud, folder: Path, san_diego: Path, tmp_path: Path
) -> None:
    config = tmp_path / "real.toml"
    config.write_text(
        '[buckets]\nrequests = "sd-requests"\nimages = "sd-images"\ncontacts = "sd-contacts"\n'
        'reports = "sd-reports"\nstate = "sd-contacts"\ndispatches = "sd-requests"\n'
        '[triage]\nservices = ["Shared Mobility Device"]\ntopic = "sd_scooters"\n'
    )
    contacts = str(folder / "contacts.csv")
    added = ("--photos", "6", "--spanish", "12")
    loaded = cloud.getitdone("load", str(san_diego), "--contacts", contacts, *added, "--config", str(config), "--json")
    told = json.loads(loaded.stdout)
    assert (told["days"], told["lines"], told["photos_added"], told["spanish_added"]) == (13, 13_530, 6, 12)
    done = cloud.getitdone("run", "2021-03", "apr 2021", "--config", str(config), "--json")
    months = json.loads(done.stdout)["months"]
    assert {month: facts["requests"]["read"] for month, facts in months.items()} == {"2021-03": 4_759, "2021-04": 8_771}
    assert months["2021-03"]["alerts"]["by_channel"] == {"email": 1, "sms": 1}
    assert months["2021-04"]["alerts"]["by_channel"] == {"sms": 2}
    assert sum(facts["triage"]["photos"] for facts in months.values()) == 6
    assert sum(facts["triage"]["sent"] for facts in months.values()) > 0
    triages = [facts["triage"] for facts in months.values()]
    assert sum(triage["made_up"] for triage in triages) == 6 + 2, "two of each kind of service got Spanish texts"
    spanish = sum(counts.get("es", 0) for triage in triages for counts in triage["sentiments"].values())
    assert spanish >= 2, "what was added is read as Spanish"
