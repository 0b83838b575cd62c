from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.security.policy.variables import Context, Template, read_template
from marinelayer.security.policy.wildcard import Text, any_glob, glob, literal, wild

LETTERS = st.text(st.sampled_from("ab:/*?\0\n[]\\."), max_size=12)


def reference(pattern: str, value: str) -> bool:
    """The definition: `*` takes any run of characters, `?` any one."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(reference(pattern[1:], value[start:]) for start in range(len(value) + 1))
    return bool(value) and pattern[0] in ("?", value[0]) and reference(pattern[1:], value[1:])


def reference_arn(pattern: str, value: str) -> bool:
    """The first five parts one by one, and the rest; without five colons, the whole."""
    if pattern == "*" or pattern.count(":") < 5:
        return reference(pattern, value)
    parts, given_parts = pattern.split(":", 5), value.split(":", 5)
    return len(parts) == len(given_parts) and all(map(reference, parts, given_parts))


@given(LETTERS, LETTERS)
@settings(max_examples=500, deadline=None)
def test_matching_agrees_with_its_definition(pattern: str, value: str) -> None:
    assert glob(wild(pattern))(value) == reference(pattern, value)


@given(st.text(st.sampled_from("ab*?"), max_size=8), st.text(st.sampled_from("ab"), max_size=8))
@settings(max_examples=500, deadline=None)
def test_matching_of_short_patterns_agrees_with_its_definition(pattern: str, value: str) -> None:
    assert glob(wild(pattern))(value) == reference(pattern, value)


ARN_PARTS = st.lists(st.text(st.sampled_from("ab*?/"), max_size=4), min_size=1, max_size=8).map(":".join)
VALUE_PARTS = st.lists(st.text(st.sampled_from("ab/"), max_size=4), min_size=5, max_size=8).map(":".join)


@given(ARN_PARTS, VALUE_PARTS)
@settings(max_examples=1000, deadline=None)
def test_matching_of_arns_agrees_with_its_definition(pattern: str, value: str) -> None:
    if pattern.count(":") < 5 and "*" in pattern.rstrip("*"):
        return
    assert glob(wild(pattern), arn=True)(value) == reference_arn(pattern, value)


@given(st.lists(ARN_PARTS, max_size=4), VALUE_PARTS)
@settings(max_examples=500, deadline=None)
def test_any_of_several_patterns_matches_what_one_of_them_does(patterns: list[str], value: str) -> None:
    one_by_one = any(glob(wild(pattern), arn=True)(value) for pattern in patterns)
    assert any_glob([wild(pattern) for pattern in patterns])(value) == one_by_one


@given(LETTERS)
def test_a_literal_matches_itself_only(text: str) -> None:
    assert glob(literal(text))(text)
    assert not glob(literal(text))(text + "x")
    assert glob((Text("a*", wild=True), Text(text, wild=False)))("abc" + text)


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", True),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", False),
        ("arn:aws:sns:*:123456789012:alerts", "arn:aws:sns:us-east-1:123456789012:alerts", True),
        ("arn:aws:sns:*:alerts", "arn:aws:sns:us-east-1:123456789012:alerts", True),
        ("arn:aws:sns:*:123456789012:alerts", "arn:aws:sns:eu:999999999999:123456789012:alerts", False),
        ("arn:aws:s3:::a*c/?", "arn:aws:s3:::abc/1", True),
        ("arn:aws:iam::*:user/*", "arn:aws:iam::123456789012:user/path/bob", True),
        ("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", False),
        ("*", "anything:at:all", True),
    ],
)
def test_wildcards_do_not_cross_the_parts_of_an_arn(pattern: str, value: str, matches: bool) -> None:
    assert glob(wild(pattern), arn=True)(value) is matches


def test_a_hostile_pattern_takes_no_exponential_time() -> None:
    hostile = glob(wild("arn:aws:s3:::" + "*a" * 200 + "b"), arn=True)
    started = time.perf_counter()
    assert not hostile("arn:aws:s3:::" + "a" * 1024)
    assert time.perf_counter() - started < 1


# --- variables ------------------------------------------------------------------------------------------------

BOB = Context({"aws:username": ("bob",), "aws:tagkeys": ("a", "b")}, {"s3:prefix": ("a*",), "aws:username": ("eve",)})


def filled(text: str, *, variables: bool = True) -> str | None:
    """The text with every wild part in braces, None where a value is missing."""
    read = read_template(text, variables=variables, wild=True)
    pattern = read.fill(BOB) if isinstance(read, Template) else read
    return None if pattern is None else "".join(f"{{{piece.text}}}" if piece.wild else piece.text for piece in pattern)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("home/${aws:username}/*", "{home/}bob{/*}"),
        ("${AWS:UserName}", "bob"),
        ("${s3:prefix}", "a*"),
        ("${aws:principaltag/team, 'nobody'}", "nobody"),
        ("${aws:username, 'nobody'}", "bob"),
        ("${aws:principaltag/team}", None),
        ("${aws:tagkeys}", None),
        ("${*}${?}${$}", "*?$"),
        ("${}", "${}"),
        ("${aws:username", "{${aws:username}"),
        ("plain*", "{plain*}"),
    ],
)
def test_variables_take_the_values_of_condition_keys(text: str, result: str | None) -> None:
    assert filled(text) == result


def test_older_documents_have_no_variables() -> None:
    assert filled("${aws:username}", variables=False) == "{${aws:username}}"


def test_a_value_never_becomes_a_wildcard() -> None:
    read = read_template("${s3:prefix}", variables=True, wild=True)
    assert isinstance(read, Template)
    pattern = read.fill(BOB)
    assert pattern is not None
    assert glob(pattern)("a*")
    assert not glob(pattern)("ab")
