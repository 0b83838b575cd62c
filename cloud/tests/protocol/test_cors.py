"""Which CORS rule fits a request, and what it makes the answer say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.http import Headers
from marinelayer.protocol.cors import answer_preflight, cors_fields
from marinelayer.protocol.refusals import AccessForbidden, BadRequest

VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def rule(*origins: str, methods: tuple[str, ...] = ("GET",), **more: Any) -> dict[str, Any]:
    return {"AllowedOrigins": list(origins), "AllowedMethods": list(methods), **more}


def asked(origin: str, method: str | None = None, headers: str | None = None) -> Headers:
    given = {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers}
    return Headers((name, value) for name, value in given.items() if value is not None)


def fields(rules: list[dict[str, Any]], headers: Headers, method: str = "GET") -> dict[str, str]:
    return dict(cors_fields(rules, method, headers))


def test_an_origin_is_told_back_and_may_use_credentials() -> None:
    assert fields(
        [rule("https://city.example", methods=("GET", "PUT"), MaxAgeSeconds=0)], asked("https://city.example")
    ) == {
        "access-control-allow-origin": "https://city.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, PUT",
        "access-control-max-age": "0",
        "vary": VARY,
    }


def test_every_origin_is_told_as_such_and_may_not_use_credentials() -> None:
    assert fields(
        [rule("*", ExposeHeaders=["ETag", "x-amz-id-2"], MaxAgeSeconds=3000)], asked("http://random:1234")
    ) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET",
        "access-control-expose-headers": "ETag, x-amz-id-2",
        "access-control-max-age": "3000",
        "vary": VARY,
    }


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("*suffix", ["suffix", "foo.suffix", "prefix.suffix"], ["foo.suffix.get", "Suffix"]),
        ("start*end", ["startend", "start1end", "start12end"], ["0start12end", "start", "end", "starend"]),
        ("prefix*", ["prefix", "prefix.suffix"], ["bla.prefix"]),
        ("http://*.origin.com", ["http://test.origin.com"], ["http://test.origin.com/", "https://test.origin.com"]),
        ("aba*aba", ["abaaba", "aba-aba"], ["aba", "ababa"]),
    ],
)
def test_a_wildcard_stands_for_anything_or_nothing_and_the_rest_for_itself(
    pattern: str, fitting: list[str], other: list[str]
) -> None:
    assert all(fields([rule(pattern)], asked(origin)) for origin in fitting)
    assert not any(fields([rule(pattern)], asked(origin)) for origin in other)


@given(st.text("ab*", max_size=6).filter(lambda text: text.count("*") == 1), st.text("ab", max_size=6))
def test_a_pattern_fits_what_its_parts_begin_and_end(pattern: str, origin: str) -> None:
    head, tail = pattern.split("*")
    middles = [origin[i:j] for i in range(len(origin) + 1) for j in range(i, len(origin) + 1)]
    fits = any(head + middle + tail == origin for middle in middles)
    assert bool(fields([rule(pattern)], asked(origin))) == fits


def test_the_first_rule_that_fits_decides() -> None:
    rules = [rule("https://a", methods=("PUT",)), rule("*", MaxAgeSeconds=1), rule("https://a", MaxAgeSeconds=2)]
    assert fields(rules, asked("https://a"))["access-control-max-age"] == "1"
    assert "access-control-max-age" not in fields(rules, asked("https://a"), "PUT")
    assert fields(rules, asked("https://a"), "HEAD") == {}


def test_what_a_browser_intends_comes_before_what_it_does() -> None:
    rules = [rule("https://a")]
    assert fields(rules, asked("https://a", "GET"), "PUT")
    assert not fields(rules, asked("https://a", "PUT"), "GET")


def test_headers_are_allowed_by_name_without_regard_to_case() -> None:
    allowed = rule("*", AllowedHeaders=["x-AMZ-meta-*", "Content-Type"])
    told = fields([allowed], asked("https://a", headers="X-Amz-Meta-Who,content-TYPE, ,"))
    assert told["access-control-allow-headers"] == "x-amz-meta-who, content-type"
    assert not fields([allowed], asked("https://a", headers="content-type,x-amz-date"))
    assert not fields([rule("*")], asked("https://a", headers="content-type"))
    assert "access-control-allow-headers" not in fields([allowed], asked("https://a"))


def test_a_preflight_is_refused_for_the_reason_that_comes_first() -> None:
    headers = asked("https://a", "PUT")
    for rules, sent, kind, message, details in (
        (None, headers, AccessForbidden, "CORSResponse: Bucket not found", {"Method": "PUT", "ResourceType": "BUCKET"}),
        (
            (),
            asked("https://a"),
            AccessForbidden,
            "CORSResponse: CORS is not enabled for this bucket.",
            {"Method": "OPTIONS", "ResourceType": "BUCKET"},
        ),
        ([rule("*")], asked("https://a"), BadRequest, "Invalid Access-Control-Request-Method: null", {}),
        ([rule("*")], asked("https://a", "PATCH"), BadRequest, "Invalid Access-Control-Request-Method: PATCH", {}),
        (
            [rule("*")],
            headers,
            AccessForbidden,
            (
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request "
                "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
                "resource's CORS spec."
            ),
            {"Method": "PUT", "ResourceType": "OBJECT"},
        ),
    ):
        with pytest.raises(kind) as caught:
            answer_preflight(rules, sent, "OBJECT")
        assert (caught.value.message, caught.value.details) == (message, details)
    assert (
        dict(answer_preflight([rule("*", methods=("PUT",))], headers, "OBJECT"))["access-control-allow-origin"] == "*"
    )
