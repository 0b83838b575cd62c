"""Which website an address means, and where its configuration sends a request."""

from typing import Any

import pytest

from marinelayer.http import Headers, NoBody, Request
from marinelayer.model.errors import Refusal
from marinelayer.protocol.addresses import Hosts
from marinelayer.protocol.website import Place, folder_redirect, object_redirect, place_of, redirect_all, routed

HOSTS = Hosts(own=frozenset({"localhost", "127.0.0.1", "cloud.example"}))


def request(host: str, path: str = "/") -> Request:
    return Request(
        id="R", method="GET", path=path, query="", headers=Headers(), body=NoBody(), scheme="http", host=host, peer=""
    )


def place(path: str, *, query: str = "", base: str = "") -> Place:
    return Place(bucket="b", path=path, query=query, scheme="http", host="b.s3-website.localhost", base=base)


@pytest.mark.parametrize(
    ("host", "bucket", "region"),
    [
        ("photos.s3-website.localhost:4566", "photos", None),
        ("my.photos.s3-website.cloud.example", "my.photos", None),
        ("photos.s3-website-eu-west-1.localhost", "photos", "eu-west-1"),
        ("photos.s3-website-us-east-1.amazonaws.com", "photos", "us-east-1"),
        ("photos.s3-website.eu-central-1.amazonaws.com", "photos", "eu-central-1"),
        ("PHOTOS.S3-Website.localhost.", "photos", None),
    ],
)
def test_a_host_names_a_website_and_perhaps_its_region(host: str, bucket: str, region: str | None) -> None:
    found = place_of(request(host.lower(), "/a/b"), HOSTS)
    assert found is not None
    assert (found.bucket, found.region, found.path, found.base) == (bucket, region, "/a/b", "")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "photos.localhost",
        "photos.s3.us-east-1.amazonaws.com",
        "s3-website-us-east-1.amazonaws.com",
        "photos.s3-website.example.org",
        "photos.s3-website-nowhere.localhost",
        "x.s3-website.127.0.0.1",
    ],
)
def test_other_hosts_name_none(host: str) -> None:
    assert place_of(request(host), HOSTS) is None


@pytest.mark.parametrize(("path", "rest"), [("", "/"), ("/", "/"), ("/a%20b//c", "/a%20b//c")])
def test_a_path_names_a_website_without_dns(path: str, rest: str) -> None:
    found = place_of(request("127.0.0.1:4566", "/_marinelayer/website/my.photos" + path), HOSTS)
    assert found is not None
    assert (found.bucket, found.path, found.base) == ("my.photos", rest, "/_marinelayer/website/my.photos")


def test_a_path_that_is_no_text_is_refused() -> None:
    with pytest.raises(Refusal):
        assert place("/%ff").key
    assert place("/a%20b/%C3%BC+").key == "a b/ü+"


def test_every_request_is_sent_to_another_host_with_its_path_and_query() -> None:
    to = {"RedirectAllRequestsTo": {"HostName": "example.com"}}
    found = redirect_all(to, place("/a%20b", query="x=1"))
    assert found is not None
    assert (found.status, found.location) == (301, "http://example.com/a%20b?x=1")
    safely = {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}}
    found = redirect_all(safely, place("/", base="/_marinelayer/website/b"))
    assert found is not None
    assert found.location == "https://example.com/"
    assert redirect_all({}, place("/")) is None


@pytest.mark.parametrize(
    ("condition", "redirect", "path", "location"),
    [
        ({"KeyPrefixEquals": "docs/"}, {"ReplaceKeyPrefixWith": "documents/"}, "/docs/a%20b", "documents/a%20b"),
        ({"KeyPrefixEquals": "docs/"}, {"ReplaceKeyPrefixWith": ""}, "/docs/a", "a"),
        ({"KeyPrefixEquals": "images/"}, {"ReplaceKeyWith": "folderdeleted.html"}, "/images/x", "folderdeleted.html"),
        (
            {"KeyPrefixEquals": ""},
            {"ReplaceKeyPrefixWith": "prod/resize?key="},
            "/300/a.png",
            "prod/resize?key=300/a.png",
        ),
        (None, {"ReplaceKeyPrefixWith": "#!/"}, "/a", "#!/a"),
        (None, {"ReplaceKeyWith": "ü b"}, "/a", "%C3%BC%20b"),
        (None, {"HttpRedirectCode": "307"}, "/a%20b", "a%20b"),
    ],
)
def test_a_rule_replaces_a_key_or_its_beginning(condition: Any, redirect: Any, path: str, location: str) -> None:
    rule = {"Redirect": redirect, **({} if condition is None else {"Condition": condition})}
    found = routed({"RoutingRules": [rule]}, place(path))
    assert found is not None
    assert found.location == f"http://b.s3-website.localhost/{location}"
    assert found.status == int(redirect.get("HttpRedirectCode", 301))


def test_a_rule_may_lead_to_another_host_by_another_protocol() -> None:
    rules = {"RoutingRules": [{"Redirect": {"HostName": "example.com", "Protocol": "https"}}]}
    found = routed(rules, place("/a", query="q=1", base="/_marinelayer/website/b"))
    assert found is not None
    assert found.location == "https://example.com/a?q=1"
    here = routed(
        {"RoutingRules": [{"Redirect": {"ReplaceKeyWith": "x"}}]}, place("/a", base="/_marinelayer/website/b")
    )
    assert here is not None
    assert here.location == "http://b.s3-website.localhost/_marinelayer/website/b/x"


def test_the_first_rule_that_fits_decides_before_or_after_an_error() -> None:
    rules = {
        "RoutingRules": [
            {
                "Condition": {"KeyPrefixEquals": "a/", "HttpErrorCodeReturnedEquals": "404"},
                "Redirect": {"ReplaceKeyWith": "1"},
            },
            {"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"ReplaceKeyWith": "2"}},
            {"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyWith": "3"}},
        ]
    }

    def to(path: str, error: int | None = None) -> str | None:
        found = routed(rules, place(path), error)
        return None if found is None else found.location.rpartition("/")[2]

    assert [to("/a/x"), to("/a/x", 404), to("/b", 404), to("/b"), to("/b", 403)] == ["3", "1", "2", None, None]


def test_objects_lead_within_the_website_or_out_of_it() -> None:
    based = place("/x", base="/_marinelayer/website/b")
    assert object_redirect("/new page", place("/x")).location == "/new%20page"
    assert object_redirect("/new", based).location == "/_marinelayer/website/b/new"
    assert object_redirect("https://example.com/a?b=c#d", based).location == "https://example.com/a?b=c#d"
    assert object_redirect("/a\r\nset-cookie: x", based).location == "/_marinelayer/website/b/a%0D%0Aset-cookie:%20x"
    assert (folder_redirect(based).status, folder_redirect(based).location) == (302, "/_marinelayer/website/b/x/")
