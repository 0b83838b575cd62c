from __future__ import annotations

import csv
import io
import json

import lxml.html
import pytest
from twins import MemoryObjects

from getitdone.config import Settings
from getitdone.errors import NotOffered
from getitdone.months import Month
from getitdone.reports.aggregate import report_counts
from getitdone.reports.publish import publish_month
from getitdone.reports.site import open_site, with_public_read
from getitdone.requests import MonthOfRequests, read_files

HEADER = "service_request_id,date_requested,service_name\n"


def month(*services: str) -> MonthOfRequests:
    lines = (f"{number},2021-04-0{1 + number % 8}T08:00:00,{name}\n" for number, name in enumerate(services))
    return read_files(Month(2021, 4), [("day.csv", (HEADER + "".join(lines) + "broken\n").encode())])


def publish(objects: MemoryObjects, requests: MonthOfRequests, **reports: str) -> Settings:
    settings = Settings.model_validate({"reports": reports})
    publish_month(settings, objects, requests)
    return settings


def test_the_report_has_one_row_a_service_and_zero_for_one_that_an_alert_names(objects: MemoryObjects) -> None:
    publish(objects, month("Graffiti", "Graffiti", '"Trees, large"', ""))
    rows = list(csv.reader(io.StringIO(objects.text("gid-reports", "2021/apr/final_report.csv"))))
    assert rows[:4] == [["service_name", "count"], ["Graffiti", "2"], ["(none)", "1"], ["Trees, large", "1"]]
    assert ["Pothole", "0"] in rows
    assert ["Illegal Dumping", "0"] in rows


def test_the_report_can_be_read_back_by_the_alerts(objects: MemoryObjects) -> None:
    publish(objects, month("Pothole", '"Trees, large"', "NA"))
    counts = report_counts(objects.stored["gid-reports", "2021/apr/final_report.csv"])
    assert (counts["Pothole"], counts["Trees, large"], counts["NA"], counts["Illegal Dumping"]) == (1, 1, 1, 0)


def test_every_file_has_its_type_and_charset(objects: MemoryObjects) -> None:
    publish(objects, month("Pothole"))
    types = {key: kind for (bucket, key), kind in objects.types.items() if bucket == "gid-reports"}
    assert types == {
        "2021/apr/final_report.csv": "text/csv; charset=utf-8",
        "2021/apr/final_report.html": "text/html; charset=utf-8",
        "2021/apr/final_chart.html": "text/html; charset=utf-8",
        "index.html": "text/html; charset=utf-8",
    }


def test_the_index_lists_link_time_and_size_of_everything_but_itself(objects: MemoryObjects) -> None:
    objects.put("gid-reports", "2021/mar/a report & more.html", b"x" * 2048, content_type="text/html")
    publish(objects, month("Pothole"))
    publish(objects, month("Pothole"))
    page = lxml.html.fromstring(objects.text("gid-reports", "index.html"))
    assert [head.text_content().split(" (")[0] for head in page.xpath("//thead//th")] == [
        "Link",
        "LastModified",
        "Size",
    ]
    links = [link.get("href") for link in page.xpath("//tbody//a")]
    assert links == [
        "2021/apr/final_chart.html",
        "2021/apr/final_report.csv",
        "2021/apr/final_report.html",
        "2021/mar/a%20report%20%26%20more.html",
    ]
    assert "2.0 KiB" in page.xpath("//tbody/tr[last()]")[0].text_content()


def test_no_key_makes_a_link_to_another_host(objects: MemoryObjects) -> None:
    for key in ("//evil.example/x.html", "javascript:alert(1)"):
        objects.put("gid-reports", key, b"x", content_type="text/html")
    publish(objects, month("Pothole"))
    page = lxml.html.fromstring(objects.text("gid-reports", "index.html"))
    links = [link.get("href") for link in page.xpath("//tbody//a")]
    assert (links[0], links[-1]) == (".///evil.example/x.html", "javascript%3Aalert%281%29")


@pytest.mark.parametrize(
    ("base", "index", "chart"),
    [
        ("", "../../index.html", "final_chart.html"),
        (
            "https://city.example/r",
            "https://city.example/r/index.html",
            "https://city.example/r/2021/apr/final_chart.html",
        ),
    ],
)
def test_links_are_relative_unless_a_base_is_set(objects: MemoryObjects, base: str, index: str, chart: str) -> None:
    publish(objects, month("Pothole"), base_url=base)
    page = lxml.html.fromstring(objects.text("gid-reports", "2021/apr/final_report.html"))
    assert [link.get("href") for link in page.xpath("//nav/a")][:2] == [index, chart]


def test_pages_load_nothing_from_elsewhere_and_escape_what_people_wrote(objects: MemoryObjects) -> None:
    publish(objects, month("<script>alert(1)</script>", "Pothole"), title="A & B <b>")
    for key in ("2021/apr/final_report.html", "2021/apr/final_chart.html", "index.html"):
        text = objects.text("gid-reports", key)
        assert "<script>alert" not in text
        page = lxml.html.fromstring(text)
        loaded = [*page.xpath("//@src"), *page.xpath("//link/@href")]
        assert [link for link in loaded if not link.startswith("data:")] == []
        assert page.xpath("//html/@lang") == ["en"]
        assert page.xpath("//meta[@name='viewport']")
        assert page.xpath("//h1")[0].text_content().startswith("A & B <b>")


def test_the_table_shows_total_dates_and_what_was_not_counted(objects: MemoryObjects) -> None:
    publish(objects, month(*["Pothole"] * 1234))
    text = lxml.html.fromstring(objects.text("gid-reports", "2021/apr/final_report.html")).text_content()
    assert "1,234" in text
    assert "1 April to 8 April 2021" in text
    assert "Unreadable lines, not counted" in text
    assert "broken" in objects.text("gid-requests", "quarantine/2021/apr.csv")


def test_an_empty_month_makes_pages_too(objects: MemoryObjects) -> None:
    publish(objects, month())
    assert "no requests" in objects.text("gid-reports", "2021/apr/final_chart.html")


def test_the_site_is_opened_by_policy_and_acls_stay_blocked(objects: MemoryObjects) -> None:
    publish(objects, month("Pothole"))
    (statement,) = json.loads(objects.policies["gid-reports"])["Statement"]
    assert (statement["Principal"], statement["Action"], statement["Resource"]) == (
        "*",
        "s3:GetObject",
        "arn:aws:s3:::gid-reports/*",
    )
    assert objects.blocks["gid-reports"] == (False, True)
    assert not objects.public_acls
    assert "gid-requests" not in objects.policies


def test_the_site_is_opened_by_acl_only_if_the_settings_say_so(objects: MemoryObjects) -> None:
    publish(objects, month("Pothole"), publish="acl")
    assert objects.policies == {}
    assert objects.blocks["gid-reports"] == (True, False)
    assert {key for _, key in objects.public_acls} == {
        "index.html",
        "2021/apr/final_report.csv",
        "2021/apr/final_report.html",
        "2021/apr/final_chart.html",
    }


def test_from_policy_to_acls_our_statement_goes_and_theirs_stays(objects: MemoryObjects) -> None:
    """A public policy under a block that restricts public buckets shuts out whom the ACLs let in."""
    publish(objects, month("Pothole"))
    publish(objects, month("Pothole"), publish="acl")
    assert "gid-reports" not in objects.policies
    theirs = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"x"}}'
    objects.policies["gid-reports"] = with_public_read(theirs, "arn:aws:s3:::gid-reports/*")
    publish(objects, month("Pothole"), publish="acl")
    assert [one["Effect"] for one in json.loads(objects.policies["gid-reports"])["Statement"]] == ["Deny"]


def test_a_site_that_shall_stay_closed_is_not_touched(objects: MemoryObjects) -> None:
    publish(objects, month("Pothole"), publish="none")
    assert (objects.policies, objects.blocks, objects.public_acls) == ({}, {}, set())


def test_other_statements_of_a_policy_stay_and_ours_is_there_once() -> None:
    theirs = {
        "Sid": "Deny",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::r/secret/*",
    }
    for statements in ([theirs], theirs):
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        once = with_public_read(policy, "arn:aws:s3:::r/*")
        assert with_public_read(once, "arn:aws:s3:::r/*") == once
        assert [one["Sid"] for one in json.loads(once)["Statement"]] == ["Deny", "GetItDonePublicReports"]


def test_a_cloud_without_public_access_blocks_is_opened_all_the_same(
    objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(bucket: str, *, policies: bool, acls: bool) -> None:
        raise NotOffered("not here", code="NotImplemented", operation="PutPublicAccessBlock")

    monkeypatch.setattr(objects, "block_public_access", lacking)
    open_site(objects, "gid-reports", "policy")
    assert objects.policy_is_public("gid-reports")
