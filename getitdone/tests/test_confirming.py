"""E-mail from subscription to alert on our own cloud: who opened the link in the mail is told, who did not is not.

The report that the mail links to is published by ACL, so that this way is walked too.
"""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from running import RunningCloud

CONFIG = """
[buckets]
requests = "mail-requests"
images = "mail-images"
contacts = "mail-contacts"
reports = "mail-reports"
state = "mail-contacts"
dispatches = "mail-requests"
[reports]
publish = "acl"
[alerts]
channels = { critical = "email" }
[[alerts.rules]]
department = "harbor"
services = ["Harbor"]
what = "harbor lights"
over = { critical = 2 }
[triage]
topic = "harbor_scooters"
"""
ADA, BEN, CHI = "ada.harbor@example.com", "ben.harbor@example.com", "chi.harbor@example.com"


def test_who_confirms_by_the_link_in_the_mail_is_alerted_and_nobody_else(cloud: RunningCloud, tmp_path: Path) -> None:
    (tmp_path / "mail.toml").write_text(CONFIG)
    people = [f"{address[:3]},{address},,harbor" for address in (ADA, BEN, CHI)]
    (tmp_path / "contacts.csv").write_text("\n".join(["Name,Email,Phone,Department", *people]))
    lines = [f"{number},2023-03-01T08:00:00,Harbor" for number in range(3)]
    (tmp_path / "2023-03-01.csv").write_text("\n".join(["service_request_id,date_requested,service_name", *lines]))
    config = ("--config", str(tmp_path / "mail.toml"))
    cloud.getitdone("load", str(tmp_path), *config)
    asked = json.loads(cloud.getitdone("subscribe", *config, "--json").stdout)
    assert (asked["new"], asked["pending"], asked["confirmed"]) == (3, 3, 0)

    mails = cloud.inbox_when(lambda messages: {ADA, BEN, CHI} <= {one["to"] for one in messages})
    links = {one["to"]: link for one in mails for link in one["links"] if "Token=" in link}
    for address in (ADA, BEN):
        with urllib.request.urlopen(links[address], timeout=60) as page:
            assert page.status == 200

    alerts = json.loads(cloud.getitdone("run", "2023-03", *config, "--json").stdout)["months"]["2023-03"]["alerts"]
    assert alerts["by_channel"] == {"email": 1}
    assert (alerts["subscriptions"]["confirmed"], alerts["subscriptions"]["pending"]) == (2, 1)
    assert alerts["subscriptions"]["new"] == 0, "nobody is asked twice"

    def told() -> dict[str, str]:
        return {one["to"]: one["text"] for one in messages if one["subject"] == subject}

    subject = "critical: 3 requests for harbor lights in March 2023"
    messages = cloud.inbox_when(lambda found: sum(one["subject"] == subject for one in found) >= 2)
    assert set(told()) == {ADA, BEN}
    (report,) = {word for text in told().values() for word in text.split() if word.endswith("final_report.html")}
    with urllib.request.urlopen(report, timeout=60) as page:
        assert b"Harbor" in page.read(), "the link in the mail leads to the public report"
