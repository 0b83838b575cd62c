"""Filter policies are refused for AWS's reasons, at AWS's places, and kept within its limits."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.sns.filtering import FilterPolicyError, read_filter_policy

NO_TOKEN = (
    "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
)
PLACE = "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, column: {}]"


def refusal(source: str) -> str:
    with pytest.raises(FilterPolicyError) as refused:
        read_filter_policy(source)
    return str(refused.value)


def of_k(*conditions: Any) -> str:
    return json.dumps({"k": list(conditions)})


# Columns are those of the text without spaces: {"k":[ is 6 letters, {"k":[{"numeric":[ is 18.
@pytest.mark.parametrize(
    ("source", "reason", "column"),
    [
        (of_k(["x"]), "Match value must be String, number, true, false, or null", 8),
        (of_k(), "Empty arrays are not allowed", 8),
        ('{"k": {}}', "Empty objects are not allowed", 8),
        ("{}", "Empty objects are not allowed", 3),
        ("[1]", "Filter is not an object", 2),
        ('{"k": "x"}', '"k" must be an object or an array', 7),
        ('{"k": {"prefix": "x"}}', '"prefix" must be an object or an array', 17),
        (of_k({"wildcard": "x*"}), "Unrecognized match type wildcard", 20),
        (of_k({}), "Match expression name not found", 9),
        (of_k({"suffix": "x", "prefix": "y"}), "Only one key allowed in match expression", 31),
        (of_k({"prefix": 1}), "prefix match pattern must be a string", 18),
        (of_k({"suffix": None}), "suffix match pattern must be a string", 21),
        (of_k({"suffix": ["x"]}), "suffix match pattern must be a string", 18),
        (of_k({"equals-ignore-case": True}), "equals-ignore-case match pattern must be a string", 33),
        (of_k({"cidr": ["10.0.0.0/8"]}), "prefix match pattern must be a string", 16),
        (of_k({"exists": None}), "exists match pattern must be either true or false.", 21),
        (of_k({"exists": "yes"}), "exists match pattern must be either true or false.", 18),
        (of_k({"anything-but": {"suffix": "x"}}), "Unsupported anything-but pattern: suffix", 34),
        (of_k({"anything-but": {"prefix": False}}), "prefix match pattern must be a string", 38),
        (of_k({"anything-but": {"exists": False}}), "Unsupported anything-but pattern: exists", 38),
        (of_k({"anything-but": None}), "Value of anything-but must be an array or single string/number value.", 27),
        (of_k({"numeric": []}), "Invalid member in numeric match: ]", 20),
        (of_k({"numeric": [1, "<="]}), "Invalid member in numeric match: 1", 20),
        (of_k({"numeric": ["about"]}), "Unrecognized numeric range operator: about", 27),
        (of_k({"numeric": ["=", "1"]}), "Value of equals must be numeric", 24),
        (of_k({"numeric": [">="]}), "Value of >= must be numeric", 24),
        (of_k({"numeric": ["<", 100, ">", 10]}), "Too many elements in numeric expression", 28),
        (of_k({"numeric": [">=", 1, ">", 2]}), "Bad numeric range operator: >", 29),
        (of_k({"numeric": [">", 3, "<", 1]}), "Bottom must be less than top", 31),
        (of_k({"numeric": [">", 20, "<="]}), "Value of <= must be numeric", 31),
        (of_k({"numeric": [">", 20, 30]}), "Bad value in numeric range: 30", 28),
        (of_k({"numeric": [">", 2, "<", 3, "<", 5]}), "Too many terms in numeric range expression", 32),
    ],
)
def test_what_can_not_be_demanded_is_refused_at_its_place(source: str, reason: str, column: int) -> None:
    assert refusal(source) == reason + PLACE.format(1, column)


@pytest.mark.parametrize(
    ("cidr", "reason"),
    [
        ("10.0.0.0", "Malformed CIDR, one '/' required"),
        ("10.0.0.0/8/8", "Malformed CIDR, one '/' required"),
        ("x/y", "Malformed CIDR, mask bits must be an integer"),
        ("10.0.0.0/-1", "Malformed CIDR, mask bits must not be negative"),
        ("x.11.x/8", "Nonstandard IP address: x.11.x"),
        ("xxxx:db8::/64", "Nonstandard IP address: xxxx:db8::"),
        ("10.0.0.0/32", "IPv4 mask bits must be < 32"),
        ("2001:db8::/128", "IPv6 mask bits must be < 128"),
    ],
)
def test_what_is_no_network_is_refused(cidr: str, reason: str) -> None:
    assert refusal(of_k({"cidr": cidr})) == reason


@pytest.mark.parametrize(
    ("source", "reason", "line", "column"),
    [
        ("{x}", "Unexpected character ('x' (code 120)): was expecting double-quote to start field name", 1, 2),
        ("not-json", NO_TOKEN, 1, 4),
        (
            '{"k": ["x"]\n "l": ["x"]}',
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            2,
            2,
        ),
        ('{"k" ["x"]}', "Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value", 1, 6),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused_where_it_ends_to_be(source: str, reason: str, line: int, column: int) -> None:
    assert refusal(source) == f"failed to parse JSON. {reason}" + PLACE.format(line, column)


@given(st.text(alphabet='{}[]":,x1 -.e\\\n', max_size=30))
def test_whatever_is_sent_is_read_or_refused(source: str) -> None:
    with contextlib.suppress(FilterPolicyError):
        read_filter_policy(source)
        assert isinstance(json.loads(source), dict)


@pytest.mark.parametrize("source", ["[" * 10_000, '{"k":' * 10_000, '{"$or":[' * 400])
def test_depth_is_bounded(source: str) -> None:
    assert refusal(source).startswith("Document nesting depth (501) exceeds the maximum allowed (500)")
    assert refusal('{"k":' * 499 + '["x"]' + "}" * 499) == "Filter policy is too complex"
    inner = '{"k":["x"]}'
    for _ in range(200):
        inner = f'{{"$or":[{{"k":["x"]}},{inner}]}}'
    assert refusal(inner) == "Filter policy can not have more than 5 keys"


def values(count: int) -> list[str]:
    return [f"v{number}" for number in range(count)]


@pytest.mark.parametrize(
    ("policy", "taken"),
    [
        ({"a": values(150)}, True),
        ({"a": values(151)}, False),
        ({"a": values(50), "b": values(3)}, True),
        ({"a": values(51), "b": values(3)}, False),
        ({"a": {"b": values(75)}}, True),  # depth counts: 75 x 2
        ({"a": {"b": values(76)}}, False),
        ({"a": {"b": {"c": values(4)}}, "d": {"e": values(3)}, "f": values(2)}, True),  # 3x4 x 2x3 x 2 = 144
        ({"a": {"b": {"c": values(4)}}, "d": {"e": values(3)}, "f": values(3)}, False),  # 216
        ({"a": values(3), "$or": [{"b": values(20)}, {"c": values(30)}]}, True),  # 3 x (20 + 30)
        ({"a": values(3), "$or": [{"b": values(20)}, {"c": values(31)}]}, False),
    ],
)
def test_a_policy_has_150_combinations_at_most(policy: dict[str, Any], taken: bool) -> None:
    if taken:
        read_filter_policy(json.dumps(policy))
    else:
        assert refusal(json.dumps(policy)) == "Filter policy is too complex"


def test_a_policy_has_five_names_at_most_those_below_them_uncounted() -> None:
    five = {name: ["x"] for name in "abcde"}
    read_filter_policy(json.dumps(five))
    read_filter_policy(json.dumps({"a": {"b": {name: ["x"] for name in "cd"}}, "e": ["x"]}))
    for more in ({"f": ["x"]}, {"$or": [{"f": ["x"]}, {"g": ["x"]}]}):
        assert refusal(json.dumps(five | more)) == "Filter policy can not have more than 5 keys"


def test_or_is_a_name_like_any_other_with_less_than_two_objects() -> None:
    read_filter_policy('{"$or": ["x"]}')
    read_filter_policy('{"$or": [{"prefix": "x"}, {"suffix": "y"}]}')
    assert refusal('{"$or": [{"a": ["x"]}]}').startswith("Unrecognized match type a")
    assert refusal('{"$or": [{"a": ["x"]}, {"b": []}]}').startswith("Empty arrays are not allowed")
