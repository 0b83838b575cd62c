from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.security.policy.conditions.condition import OPERATORS, compile_condition, split_operator
from marinelayer.security.policy.variables import Context

# Operator, the policy's values, values of a request that fit, and some that do not.
FAMILIES: list[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
    ("StringEquals", ("a", "b*"), ("a", "b*"), ("A", "bc", "")),
    ("StringNotEquals", ("a", "b"), ("c", "A", ""), ("a", "b")),
    ("StringEqualsIgnoreCase", ("Abc",), ("abc", "ABC"), ("abcd",)),
    ("StringNotEqualsIgnoreCase", ("Abc",), ("abcd",), ("abc", "ABC")),
    ("StringLike", ("a*", "?z"), ("a", "abc", "zz"), ("b", "z", "A")),
    ("StringNotLike", ("a*", "?z"), ("b", "z"), ("a", "abc", "zz")),
    ("NumericEquals", ("10",), ("10", "10.0", "1e1"), ("11", "ten", "")),
    ("NumericNotEquals", ("10",), ("11", "ten"), ("10", "10.0")),
    ("NumericLessThan", ("10",), ("9", "-1", "9.99"), ("10", "11", "nan")),
    ("NumericLessThanEquals", ("10",), ("10", "9"), ("10.01", "x")),
    ("NumericGreaterThan", ("10",), ("11", "10.01"), ("10", "9", "inf")),
    ("NumericGreaterThanEquals", ("10",), ("10", "11"), ("9",)),
    ("DateEquals", ("2026-03-14T15:09:26Z",), ("2026-03-14T15:09:26Z", "1773500966"), ("2026-03-14T15:09:27Z", "x")),
    ("DateNotEquals", ("2026-03-14",), ("2026-03-15",), ("2026-03-14", "2026-03-14T01:00:00+01:00")),
    ("DateLessThan", ("2026-03-14T00:00:00Z",), ("2026-03-13T23:59:59Z",), ("2026-03-14T00:00:00Z", "soon")),
    ("DateLessThanEquals", ("2026-03-14T00:00:00Z",), ("2026-03-14T00:00:00Z",), ("2026-03-14T00:00:01Z",)),
    ("DateGreaterThan", ("1773500966",), ("2026-03-14T15:09:27Z",), ("2026-03-14T15:09:26Z",)),
    ("DateGreaterThanEquals", ("1773500966",), ("2026-03-14T15:09:26.000Z",), ("2026-03-14T15:09:25Z",)),
    ("Bool", ("true",), ("true", "True"), ("false", "1", "")),
    ("BinaryEquals", ("aGk=",), ("aGk=",), ("aG8=", "!!", "hi")),
    ("IpAddress", ("203.0.113.0/24", "2001:db8::/32"), ("203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9"), ("203.0.114.1", "::1", "::cb00:7109", "x")),
    ("IpAddress", ("192.0.2.7",), ("192.0.2.7",), ("192.0.2.8",)),
    ("NotIpAddress", ("203.0.113.0/24",), ("198.51.100.1", "::1"), ("203.0.113.255",)),
    ("ArnEquals", ("arn:aws:sns:*:123456789012:a*",), ("arn:aws:sns:eu-west-1:123456789012:alerts",), ("arn:aws:sns:eu:999999999999:alerts", "x")),
    ("ArnLike", ("arn:aws:s3:::b?/*",), ("arn:aws:s3:::b1/k",), ("arn:aws:s3:::b12/k",)),
    ("ArnNotEquals", ("arn:aws:s3:::b",), ("arn:aws:s3:::c",), ("arn:aws:s3:::b",)),
    ("ArnNotLike", ("arn:aws:s3:::b*",), ("arn:aws:s3:::c",), ("arn:aws:s3:::bc",)),
]  # fmt: skip


def holds(
    operator: str, values: tuple[str, ...], *given_values: str, key: str = "aws:Key", variables: bool = True
) -> bool:
    context = Context({"aws:key": given_values} if given_values else {}, {"aws:username": ("bob",)})
    return compile_condition(operator, key, values, variables=variables)(context)


def test_every_operator_is_tested() -> None:
    assert {family[0] for family in FAMILIES} == set(OPERATORS)


@pytest.mark.parametrize(("operator", "values", "fitting", "others"), FAMILIES)
def test_an_operator_takes_what_fits_and_nothing_else(
    operator: str, values: tuple[str, ...], fitting: tuple[str, ...], others: tuple[str, ...]
) -> None:
    for value in fitting:
        assert holds(operator, values, value), value
    for value in others:
        assert not holds(operator, values, value), value


@pytest.mark.parametrize(("operator", "values", "fitting", "others"), FAMILIES)
def test_an_absent_key_fits_only_negated_operators_and_if_exists(
    operator: str, values: tuple[str, ...], fitting: tuple[str, ...], others: tuple[str, ...]
) -> None:
    assert holds(operator, values) is OPERATORS[operator].negated
    assert holds(operator + "IfExists", values)
    assert holds(operator + "IfExists", values, fitting[0])
    assert not holds(operator + "IfExists", values, others[0])


def test_for_all_values_wants_every_value_and_takes_none() -> None:
    assert holds("ForAllValues:StringEquals", ("a", "b"), "a", "b")
    assert not holds("ForAllValues:StringEquals", ("a", "b"), "a", "c")
    assert holds("ForAllValues:StringEquals", ("a",))
    assert holds("ForAllValues:StringNotEquals", ("a",), "b", "c")
    assert not holds("ForAllValues:StringNotEquals", ("a",), "a", "c")
    assert holds("ForAllValues:StringLikeIfExists", ("a*",), "ab")


def test_for_any_value_wants_one_value() -> None:
    assert holds("ForAnyValue:StringEquals", ("a",), "b", "a")
    assert not holds("ForAnyValue:StringEquals", ("a",), "b", "c")
    assert not holds("ForAnyValue:StringEquals", ("a",))
    assert holds("ForAnyValue:StringEqualsIfExists", ("a",))
    assert holds("ForAnyValue:StringNotEquals", ("a",), "a", "b")
    assert not holds("ForAnyValue:StringNotEquals", ("a",), "a")


def test_without_a_set_operator_one_fitting_value_is_enough_and_spoils_a_negated_one() -> None:
    assert holds("StringEquals", ("a",), "b", "a")
    assert not holds("StringNotEquals", ("a",), "b", "a")


def test_null_asks_whether_the_key_is_there() -> None:
    assert holds("Null", ("true",))
    assert not holds("Null", ("true",), "x")
    assert holds("Null", ("false",), "x")
    assert not holds("Null", ("false",))


def test_keys_are_compared_without_regard_to_case() -> None:
    assert holds("StringEquals", ("x",), "x", key="AWS:KEY")


def test_variables_stand_for_values_of_the_request() -> None:
    assert holds("StringEquals", ("${aws:username}",), "bob")
    assert holds("StringLike", ("home/${aws:username}/*",), "home/bob/x")
    assert not holds("StringLike", ("home/${aws:username}/*",), "home/eve/x")
    assert holds("ArnLike", ("arn:aws:iam::*:user/${aws:username}",), "arn:aws:iam::123456789012:user/bob")
    assert not holds("StringEquals", ("${aws:nothing}",), "")
    assert holds("StringEquals", ("${aws:nothing, 'x'}", "y"), "x")
    assert holds("StringEquals", ("${*}",), "*")
    assert not holds("StringLike", ("${*}",), "anything")


def test_older_documents_and_other_families_have_no_variables() -> None:
    assert holds("StringEquals", ("${aws:username}",), "${aws:username}", variables=False)
    with pytest.raises(ValueError, match="not a number"):
        compile_condition("NumericEquals", "aws:key", ("${aws:username}",), variables=True)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("NumericEquals", "ten"),
        ("DateEquals", "tomorrow"),
        ("Bool", "yes"),
        ("IpAddress", "300.0.0.1"),
        ("IpAddress", "10.0.0.0/33"),
        ("BinaryEquals", "!"),
        ("Null", "maybe"),
    ],
)
def test_a_value_that_its_operator_can_not_read_is_refused(operator: str, value: str) -> None:
    with pytest.raises(ValueError):
        compile_condition(operator, "aws:key", (value,), variables=True)


@pytest.mark.parametrize(
    "operator", ["stringequals", "StringIs", "NullIfExists", "ForSomeValues:StringEquals", ":Bool", ""]
)
def test_an_unknown_operator_is_refused(operator: str) -> None:
    with pytest.raises(ValueError, match="Invalid Condition type"):
        split_operator(operator)


@given(st.sampled_from(FAMILIES), st.text(max_size=20))
def test_no_value_of_a_request_breaks_an_operator(
    family: tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], value: str
) -> None:
    assert holds(family[0], family[1], value) in (True, False)
