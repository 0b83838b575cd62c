"""`getitdone run` killed with SIGKILL at chosen moments, on our own cloud, and run again."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from relay import Moment, relay
from running import Messages, RunningCloud

from getitdone.messages import REPEATED

DEPARTMENTS = ("kelp", "krill", "kite", "kiln", "knot")
REQUESTS = 14
MONTH = "2023-02"
# The lease is over when the next run has started, and a batch is small, so that several are begun.
CONFIG = """
[buckets]
requests = "killed-requests"
images = "killed-images"
contacts = "killed-contacts"
reports = "killed-reports"
state = "killed-contacts"
dispatches = "killed-requests"
[alerts]
channels = { critical = "sms" }
lease_minutes = 0.035
[triage]
topic = "killed_scooters"
department = "kart"
channel = "sms"
batch = 4
"""
RULE = '[[alerts.rules]]\ndepartment = "{name}"\nservices = ["Of {name}"]\nwhat = "{name}"\nover = {{ critical = 0 }}\n'


@pytest.fixture(scope="module")
def config(cloud: RunningCloud) -> str:
    """A city whose every department is alerted by SMS, and with scooters to dispatch; loaded."""
    folder = cloud.folder / "killed"
    folder.mkdir()
    settings = folder / "killed.toml"
    settings.write_text(CONFIG + "".join(RULE.format(name=name) for name in DEPARTMENTS))
    people = [f"Nobody,,+1619555{100 + at:04},{name}" for at, name in enumerate((*DEPARTMENTS, "kart"))]
    (folder / "contacts.csv").write_text("\n".join(["Name,Email,Phone,Department", *people]))
    lines = [f"{at},2023-02-01T08:00:00,Of {name}," for at, name in enumerate(DEPARTMENTS)]
    angry = "I hate this awful scooter. It is a terrible and dangerous mess."
    lines += [f"77{at:02},2023-02-01T08:00:00,Shared Mobility Device,{angry}" for at in range(REQUESTS)]
    header = "service_request_id,date_requested,service_name,public_description"
    (folder / "2023-02-01.csv").write_text("\n".join([header, *lines]))
    cloud.getitdone("load", str(folder), "--config", str(settings))
    return str(settings)


def killed(cloud: RunningCloud, config: str, moment: Moment) -> None:
    """A run that is killed at a moment."""
    with relay(cloud.environment["AWS_ENDPOINT_URL"], moment) as address:
        run = cloud.start("run", MONTH, "--config", config, AWS_ENDPOINT_URL=address)
        moment.strike = run.kill
        assert run.wait(60) == -9, "it ended before its moment came"


def received(messages: Messages) -> Counter[tuple[str, bool]]:
    """How often each department's alert and each request's dispatch came, with and without the notice."""
    found: Counter[tuple[str, bool]] = Counter()
    for message in messages:
        name = re.search(rf"requests for ({'|'.join(DEPARTMENTS)}),|Request (77\d\d) of 2023", message["text"])
        if name and message["channel"] == "sms":
            found[name[1] or name[2], REPEATED in message["text"]] += 1
    return found


def test_killed_at_any_moment_nothing_is_lost_and_only_what_is_marked_comes_twice(
    cloud: RunningCloud, config: str
) -> None:
    publish = b"Action=Publish"
    killed(cloud, config, Moment(publish, 2, "before"))  # one alert is out, the second is not
    killed(cloud, config, Moment(publish, 1, "after"))  # an alert is out, and nobody knows
    killed(cloud, config, Moment(publish, len(DEPARTMENTS) + 6, "after"))  # the same of a dispatch, in a second batch
    killed(cloud, config, Moment(b"PUT /killed-contacts/state/dispatches/", 2, "before"))  # a batch is out, not noted
    ends = (cloud.getitdone("run", MONTH, "--config", config, code=None).returncode for _ in range(5))
    assert 0 in ends, "what is held by a dead run, or given back by a slow one, is for the next"
    names = {*DEPARTMENTS, *(f"77{at:02}" for at in range(REQUESTS))}
    messages = cloud.inbox_when(lambda messages: {name for name, _ in received(messages)} == names)
    found = received(messages)
    assert {name for name, _ in found} == names, "an alert or a dispatch was lost"
    assert [name for name in names if found[name, False] > 1] == [], "something came twice without a notice"
    twice = [name for name in names if found[name, True] and found[name, False]]
    assert len(twice) >= 3, "the kills came when messages were out"
