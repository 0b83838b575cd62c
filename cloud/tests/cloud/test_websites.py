"""Websites as browsers see them: over raw requests, by host and by path."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]
ERROR = {"ErrorDocument": {"Key": "error.html"}}


@pytest.fixture
def site(client: Clients, bucket: str) -> str:
    """A bucket that is a website of pages for everyone, listed by nobody."""
    s3 = client("s3")
    for key in ("index.html", "docs/index.html", "error.html", "a b/ü.html"):
        s3.put_object(Bucket=bucket, Key=key, Body=f"<h1>{key}</h1>".encode(), ContentType="text/html")
    allow(client, bucket, "s3:GetObject")
    configure(client, bucket)
    return bucket


def allow(client: Clients, bucket: str, *actions: str) -> None:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statements = [
        {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resources["Object" in action]}
        for action in actions
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


def configure(client: Clients, bucket: str, **more: Any) -> None:
    configuration = {"IndexDocument": {"Suffix": "index.html"}, **more}
    client("s3").put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)


class Browser:
    """Asks a website, by its host or by its path; `base` is what stands before its paths."""

    def __init__(self, send: Callable[..., Any], site: str, *, by_host: bool) -> None:
        self._send = send
        self._host = {"Host": f"{site}.s3-website.localhost"} if by_host else {}
        self.base = "" if by_host else f"/_marinelayer/website/{site}"

    def __call__(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Any:
        return self._send(method, self.base + path, b"", {**self._host, **(headers or {})})


@pytest.fixture(params=["host", "path"])
def browse(request: Any, send: Clients, site: str) -> Browser:
    return Browser(send, site, by_host=request.param == "host")


def page(answer: Any) -> str:
    return answer.body.decode()


def test_folders_show_their_index_and_keys_their_objects(browse: Browser) -> None:
    for path, key in (
        ("/", "index.html"),
        ("/docs/", "docs/index.html"),
        ("/docs/index.html", "docs/index.html"),
        ("/a%20b/%C3%BC.html?versionId=x&acl", "a b/ü.html"),
    ):
        answer = browse(path)
        assert (answer.status, page(answer)) == (200, f"<h1>{key}</h1>")
        assert (answer.headers["Content-Type"], len(answer.headers["x-amz-request-id"])) == ("text/html", 16)
        head = browse(path, "HEAD")
        assert (head.status, head.body, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert browse("/", headers={"Range": "bytes=0-3"}).body == b"<h1>"
    etag = browse("/").headers["ETag"]
    unchanged = browse("/", headers={"If-None-Match": etag})
    assert (unchanged.status, unchanged.body, unchanged.headers["ETag"]) == (304, b"", etag)


def test_a_folder_without_its_slash_is_sent_to_it(browse: Browser) -> None:
    answer = browse("/docs")
    assert (answer.status, answer.headers["Location"]) == (302, f"{browse.base}/docs/")
    assert (answer.headers["x-amz-error-code"], answer.headers["x-amz-error-message"]) == ("Found", "Resource Found")
    assert "<title>302 Found</title>" in page(answer)
    if browse.base:
        assert browse("").headers["Location"] == browse.base + "/"


def test_a_folder_whose_page_is_not_for_everyone_is_not_told_of(browse: Browser, client: Clients, site: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{site}/index.html",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    client("s3").put_bucket_policy(Bucket=site, Policy=policy)
    assert (browse("/").status, browse("/docs").status, browse("/docs/").status) == (200, 403, 403)


def test_what_is_not_there_is_said_to_who_may_list_and_denied_to_others(
    browse: Browser, client: Clients, site: str
) -> None:
    denied = browse("/missing")
    assert (denied.status, denied.headers["x-amz-error-code"]) == (403, "AccessDenied")
    assert "<h1>403 Forbidden</h1>" in page(denied)
    allow(client, site, "s3:GetObject", "s3:ListBucket")
    answer = browse("/mis%3Csing%3E")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["x-amz-error-message"] == "The specified key does not exist."
    assert answer.headers["x-amz-error-detail-Key"] == "mis<sing>"
    ids = {name: answer.headers[name] for name in ("x-amz-request-id", "x-amz-id-2")}
    assert page(answer) == (
        "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n<ul>\n"
        "<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n"
        "<li>Key: mis&lt;sing&gt;</li>\n"
        f"<li>RequestId: {ids['x-amz-request-id']}</li>\n<li>HostId: {ids['x-amz-id-2']}</li>\n"
        "</ul>\n<hr/>\n</body>\n</html>\n"
    )
    head = browse("/missing", "HEAD")
    assert (head.status, head.body) == (404, b"")


def test_the_websites_own_page_is_shown_for_errors(browse: Browser, client: Clients, site: str) -> None:
    configure(client, site, **ERROR)
    answer = browse("/missing", headers={"Range": "bytes=0-3"})
    assert (answer.status, page(answer)) == (403, "<h1>error.html</h1>")
    assert (answer.headers["Content-Type"], answer.headers["x-amz-error-code"]) == ("text/html", "AccessDenied")
    client("s3").delete_object(Bucket=site, Key="error.html")
    allow(client, site, "s3:GetObject", "s3:ListBucket")
    answer = browse("/missing")
    assert (answer.status, answer.headers["x-amz-error-detail-Key"]) == (404, "missing")
    assert (
        "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n"
        "<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n<li>Key: error.html</li>\n</ul>"
    ) in page(answer)


def test_rules_send_requests_elsewhere_before_and_after(browse: Browser, client: Clients, site: str) -> None:
    rules = [
        {"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "docs/"}},
        {
            "Condition": {"HttpErrorCodeReturnedEquals": "403"},
            "Redirect": {"HostName": "example.com", "Protocol": "https", "HttpRedirectCode": "307"},
        },
    ]
    configure(client, site, **ERROR, RoutingRules=rules)
    answer = browse("/old/index.html")
    assert (answer.status, answer.body) == (301, b"")
    assert answer.headers["Location"].endswith(f"{browse.base}/docs/index.html")
    answer = browse("/missing")
    assert (answer.status, answer.headers["Location"]) == (307, "https://example.com/missing")
    assert browse("/docs/").status == 200
    client("s3").put_bucket_website(
        Bucket=site, WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "example.com"}}
    )
    answer = browse("/docs/?a=b")
    assert (answer.status, answer.headers["Location"]) == (301, "http://example.com/docs/?a=b")


def test_an_object_leads_elsewhere_on_the_website_only(
    browse: Browser, client: Clients, send: Clients, site: str
) -> None:
    client("s3").put_object(Bucket=site, Key="moved", Body=b"here", WebsiteRedirectLocation="/docs/")
    for method in ("GET", "HEAD"):
        answer = browse("/moved", method)
        assert (answer.status, answer.body, answer.headers["Location"]) == (301, b"", f"{browse.base}/docs/")
    at_rest = send("GET", f"/{site}/moved")
    assert (at_rest.status, at_rest.body) == (200, b"here")
    assert at_rest.headers["x-amz-website-redirect-location"] == "/docs/"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_a_website_is_only_read(browse: Browser, method: str) -> None:
    answer = browse("/index.html", method)
    assert (answer.status, answer.headers["x-amz-error-code"]) == (405, "MethodNotAllowed")
    assert f"<li>Method: {method}</li>\n<li>ResourceType: OBJECT</li>" in page(answer)


def test_what_is_signed_makes_no_difference(client: Clients, signed: Clients, site: str) -> None:
    client("s3").put_object(Bucket=site, Key="private", Body=b"1")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{site}/index.html",
    }
    client("s3").put_bucket_policy(Bucket=site, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert signed("GET", f"/_marinelayer/website/{site}/private").status == 403
    assert signed("GET", f"/_marinelayer/website/{site}/").status == 200


def test_no_bucket_no_website_and_another_region_have_their_pages(send: Clients, client: Clients, site: str) -> None:
    answer = send("GET", "/_marinelayer/website/no-such-bucket-at-all/")
    assert (answer.status, answer.headers["x-amz-error-code"]) == (404, "NoSuchBucket")
    client("s3").delete_bucket_website(Bucket=site)
    answer = send("GET", f"/_marinelayer/website/{site}/")
    assert (answer.status, answer.headers["x-amz-error-code"]) == (404, "NoSuchWebsiteConfiguration")
    assert answer.headers["x-amz-error-detail-BucketName"] == site
    configure(client, site)
    for host, status in (("s3-website-us-east-1", 200), ("s3-website.us-east-1", 200), ("s3-website-eu-west-1", 400)):
        answer = send("GET", "/", b"", {"Host": f"{site}.{host}.amazonaws.com"})
        assert answer.status == status
    assert answer.headers["x-amz-error-code"] == "IncorrectEndpoint"
    assert answer.headers["x-amz-error-detail-Endpoint"] == f"{site}.s3-website-us-east-1.amazonaws.com"
    assert send("GET", f"/_marinelayer/website/{site}/%ff").headers["x-amz-error-code"] == "InvalidURI"


def test_the_bucket_itself_knows_nothing_of_it(send: Clients, signed: Clients, site: str) -> None:
    assert send("GET", f"/{site}/").code == "AccessDenied"
    assert b"<ListBucketResult" in signed("GET", f"/{site}").body
    assert signed("GET", f"/{site}/docs").code == "NoSuchKey"


def test_scripts_of_other_origins_see_pages_and_errors(browse: Browser, client: Clients, site: str) -> None:
    rules = [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]
    client("s3").put_bucket_cors(Bucket=site, CORSConfiguration={"CORSRules": rules})
    for path in ("/", "/missing"):
        assert browse(path, headers={"Origin": "https://a"}).headers["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in browse(path).headers
