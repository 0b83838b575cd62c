"""What a filter policy lets through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.sns.filtering import accepts, read_filter_policy


def lets_through(policy: dict[str, Any], message: dict[str, Any]) -> bool:
    return accepts(read_filter_policy(json.dumps(policy)), message)


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        ("rugby", ["rugby", ["golf", "rugby"]], ["Rugby", "", 1, None, True, [], ["golf"]]),
        (100, [100, 100.0, 1e2, [7, 100]], ["100", 100.1, True]),
        (0.123456, [0.123457], [0.12344]),  # five digits count
        (True, [True], ["true", 1, False]),
        (None, [None], ["null", False, 0]),
        ({"prefix": "bas"}, ["bas", "basketball"], ["Bas", "ba", 1]),
        ({"suffix": "ball"}, ["ball", "baseball"], ["balls", 1]),
        ({"equals-ignore-case": "Tennis"}, ["tennis", "TENNIS"], ["tenni"]),
        ({"anything-but": "rugby"}, ["tennis", 1, None, True, ["rugby", "golf"]], ["rugby", ["rugby"], []]),
        ({"anything-but": ["rugby", "tennis"]}, ["golf"], ["rugby", "tennis"]),
        ({"anything-but": [100, 500]}, [101, "100"], [100, 500.0]),
        ({"anything-but": {"prefix": "order-"}}, ["item-1", 1], ["order-1"]),
        ({"numeric": ["=", 301.5]}, [301.5], [301, "301.5"]),
        ({"numeric": [">", 0, "<=", 150]}, [0.00001, 150], [0, 150.00001, "5", 1e300]),
        ({"numeric": [">=", 0, "<", 150]}, [0, 149.99999], [-0.00001, 150]),
        ({"numeric": ["<", 0]}, [-1, -1e9], [0, -1e10]),
        ({"cidr": "10.0.0.0/24"}, ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "10.0.0.256", "x", "::1", 10]),
        ({"cidr": "2001:db8:1234:1a00::/64"}, ["2001:0db8:1234:1a00:0:0:0:0"], ["2001:db8:123f:1a01::"]),
        ({"exists": True}, ["x", "", 0, None, False, ["x"]], [[], {"inner": "x"}]),
        ({"exists": False}, [[], {"inner": "x"}], ["x", None]),
    ],
)
def test_a_condition_is_met_by_some_values_and_not_by_others(condition: Any, inside: Any, outside: Any) -> None:
    for value in inside:
        assert lets_through({"k": [condition]}, {"k": value, "other": "x"}), value
    for value in outside:
        assert not lets_through({"k": [condition]}, {"k": value, "other": "x"}), value
    assert lets_through({"k": [condition]}, {}) == (condition == {"exists": False})


def test_all_names_must_be_met_each_by_one_of_its_conditions() -> None:
    policy = {"a": ["x", {"prefix": "y"}], "b": [{"exists": False}, 1]}
    assert lets_through(policy, {"a": "x"})
    assert lets_through(policy, {"a": "yy", "b": 1})
    assert not lets_through(policy, {"a": "x", "b": 2})
    assert not lets_through(policy, {"b": 1})


def test_or_is_met_by_one_of_its_objects() -> None:
    policy = {
        "source": ["cloud"],
        "$or": [{"metric": ["cpu"]}, {"detail": {"scope": ["service"], "$or": [{"type": ["alarm"]}, {"id": [1]}]}}],
    }
    assert lets_through(policy, {"source": "cloud", "metric": "cpu"})
    assert lets_through(policy, {"source": "cloud", "detail": {"scope": "service", "id": 1}})
    for message in (
        {"metric": "cpu"},
        {"source": "cloud"},
        {"source": "cloud", "detail": {"scope": "service"}},
        {"source": "cloud", "detail": {"type": "alarm"}},
        {"source": "cloud", "type": "alarm", "scope": "service"},
    ):
        assert not lets_through(policy, message), message


def test_dots_in_names_are_steps_of_a_path_too() -> None:
    policy = {"a.b": {"c": ["x"]}}
    for message in ({"a": {"b": {"c": "x"}}}, {"a.b": {"c": "x"}}, {"a": {"b.c": "x"}}, {"a.b.c": "x"}):
        assert lets_through(policy, message)
    assert not lets_through(policy, {"a": {"c": "x"}})
    assert not lets_through({"a": {"": ["x"]}}, {"a": "x"})


def test_what_is_demanded_inside_an_array_must_be_met_by_one_element() -> None:
    policy = {"records": {"event": [{"prefix": "created:"}], "s3": {"key": [{"prefix": "auto-"}]}}}
    right = {"event": "created:put", "s3": {"key": "auto-1"}}
    removed = {"event": "removed", "s3": {"key": "auto-1"}}
    home = {"event": "created:put", "s3": {"key": "home-1"}}
    assert lets_through(policy, {"records": right})
    assert lets_through(policy, {"records": [removed, home, right]})
    assert lets_through(policy, {"records": [{"event": "created:put", "s3": [[{"key": "auto-1"}]]}]})
    assert not lets_through(policy, {"records": [removed, home]})
    # Two arrays are looked into independently.
    assert lets_through({"a": ["x"], "b": [1]}, {"a": ["y", "x"], "b": [2, 1]})


@given(st.lists(st.sampled_from(["w", "x", "y", "z"]), max_size=6), st.sampled_from(["x", "y"]))
def test_an_array_is_let_through_for_whatever_one_element_would_be(elements: list[str], wanted: str) -> None:
    for condition in (wanted, {"anything-but": [wanted]}, {"prefix": wanted}):
        alone = [lets_through({"k": [condition]}, {"k": element}) for element in elements]
        assert lets_through({"k": [condition]}, {"k": elements}) == any(alone)


def test_a_large_message_is_looked_through_in_time_that_grows_with_it() -> None:
    names = "abcde"
    rows = [dict.fromkeys(names, number) for number in range(5_000)]
    policy = {"rows": {name: [4_999] for name in "abc"}}
    assert lets_through(policy, {"rows": rows})
    assert not lets_through(policy, {"rows": [row | {"c": 0} for row in rows]})
