from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.security.policy.compiled import compile_policy
from marinelayer.security.policy.document import MalformedPolicyError, parse_document
from marinelayer.security.policy.validation import Kind, validate_bucket_policy, validate_policy

IDENTITY = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
RESOURCE = {**IDENTITY, "Principal": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}
OF_KIND: dict[Kind, dict[str, Any]] = {"identity": IDENTITY, "resource": RESOURCE, "trust": TRUST}


def text(*statements: Any, version: str = "2012-10-17", **more: Any) -> str:
    return json.dumps({"Version": version, "Statement": list(statements), **more})


def without(statement: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != name}


@pytest.mark.parametrize("kind", OF_KIND)
def test_a_good_policy_of_each_kind_is_taken(kind: Kind) -> None:
    statement = OF_KIND[kind]
    validate_policy(text(statement), kind)
    validate_policy(json.dumps({"Statement": statement}), kind)
    validate_policy(text({**statement, "Sid": "One"}, statement, version="2008-10-17", Id="x"), kind)
    condition = {"StringEquals": {"aws:username": ["a", "b"]}, "Bool": {"aws:SecureTransport": True}}
    validate_policy(text({**statement, "Condition": condition}), kind)


def test_a_document_is_read_as_written() -> None:
    statement = {
        "Sid": "S",
        "Effect": "Deny",
        "NotPrincipal": {"AWS": ["1" * 12, "*"], "Service": "sns.amazonaws.com"},
        "NotAction": ["s3:*"],
        "NotResource": "arn:aws:s3:::b",
        "Condition": {"NumericLessThan": {"s3:max-keys": 10}, "Bool": {"aws:SecureTransport": False}},
    }
    read = parse_document(json.dumps({"Statement": statement})).statements[0]
    assert (read.sid, read.allow, read.index) == ("S", False, 0)
    assert read.principals == {"AWS": ("1" * 12, "*"), "Service": ("sns.amazonaws.com",)}
    assert (read.not_principal, read.not_action, read.not_resource) == (True, True, True)
    assert [(line.operator, line.key, line.values) for line in read.conditions] == [
        ("NumericLessThan", "s3:max-keys", ("10",)),
        ("Bool", "aws:SecureTransport", ("false",)),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "null",
        "[]",
        '"x"',
        "{",
        "{}",
        text(),
        '{"Version": "2012-10-17", "Statement": "x"}',
        text(IDENTITY, version="2015-01-01"),
        text(IDENTITY, version="2012-10-17", Statment=[]),
        text({**IDENTITY, "Effct": "Allow"}),
        text({**IDENTITY, "Effect": "allow"}),
        text(without(IDENTITY, "Effect")),
        text(without(IDENTITY, "Action")),
        text({**IDENTITY, "NotAction": "s3:*"}),
        text({**IDENTITY, "NotResource": "*"}),
        text({**RESOURCE, "NotPrincipal": "*"}),
        text({**IDENTITY, "Action": []}),
        text({**IDENTITY, "Action": [1]}),
        text({**IDENTITY, "Resource": {}}),
        text({**IDENTITY, "Sid": 1}),
        text({**RESOURCE, "Principal": "123456789012"}),
        text({**RESOURCE, "Principal": {}}),
        text({**RESOURCE, "Principal": {"Aws": "*"}}),
        text({**RESOURCE, "Principal": {"AWS": []}}),
        text({**IDENTITY, "Condition": []}),
        text({**IDENTITY, "Condition": {"StringEquals": "x"}}),
        text({**IDENTITY, "Condition": {"StringEquals": {"k": None}}}),
        text({**IDENTITY, "Condition": {"StringEquals": {"k": {"deep": 1}}}}),
        '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}',
        '{"Statement": [], "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
        '{"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"Bool": {"aws:x": "true", "aws:x": "false"}}}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"k": NaN}}}}',
        "[" * 100_000,
        '{"Statement":' * 5_000,
        text(*[IDENTITY] * 5_000),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused(broken: str) -> None:
    with pytest.raises(MalformedPolicyError):
        compile_policy(broken)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({**IDENTITY, "Effect": "Maybe"}, "Syntax errors in policy."),
        (without(IDENTITY, "Action"), "Policy statement must contain actions."),
        (without(IDENTITY, "Resource"), "Policy statement must contain resources."),
        ({**IDENTITY, "Principal": "*"}, "Policy document should not specify a principal."),
        ({**IDENTITY, "Action": "GetObject"}, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        ({**IDENTITY, "Action": "s3:Get:Object"}, "Actions/Condition can contain only one colon."),
        ({**IDENTITY, "Action": "s_3:GetObject"}, "Vendor s_3 is not valid"),
        ({**IDENTITY, "Action": "s3:Get Object"}, "The policy failed legacy parsing"),
        ({**IDENTITY, "Resource": "bucket"}, 'Resource bucket must be in ARN format or "*".'),
        ({**IDENTITY, "Resource": "arn:s3:::b"}, 'Partition "s3" is not valid for resource "arn:s3:::b".'),
        ({**IDENTITY, "Resource": "arn:aws:s3:b"}, "The policy failed legacy parsing"),
        ({**IDENTITY, "Sid": "no blanks"}, "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"),
        ({**IDENTITY, "Condition": {"StringIs": {"a:b": "c"}}}, "Syntax errors in policy."),
        ({**IDENTITY, "Condition": {"NumericEquals": {"a:b": "c"}}}, "Syntax errors in policy."),
    ],
)  # fmt: skip
def test_identity_policies_are_refused_in_iams_words(statement: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedPolicyError) as caught:
        validate_policy(text(statement), "identity")
    assert str(caught.value) == message


def test_statement_ids_are_unique_and_versions_known() -> None:
    with pytest.raises(MalformedPolicyError, match="must be unique"):
        validate_policy(text({**IDENTITY, "Sid": "A"}, {**IDENTITY, "Sid": "A"}), "identity")
    with pytest.raises(MalformedPolicyError, match="must be version 2012-10-17 or greater"):
        validate_policy(text(IDENTITY, version="2011-01-01"), "identity")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (without(RESOURCE, "Principal"), "Missing required field Principal"),
        (without(RESOURCE, "Resource"), "Missing required field Resource"),
        (without(RESOURCE, "Effect"), "Missing required field Effect"),
        (without(RESOURCE, "Action"), "Missing required field Action"),
        ({**RESOURCE, "Effect": "Maybe"}, "Invalid effect: Maybe"),
        ({**RESOURCE, "Principal": {"AWS": "bob"}}, "Invalid principal in policy"),
        ({**RESOURCE, "Principal": {"AWS": "arn:aws:iam::1:user/bob"}}, "Invalid principal in policy"),
        ({**RESOURCE, "Principal": {"AWS": "arn:aws:iam::123456789012:user/*"}}, "Invalid principal in policy"),
        ({**RESOURCE, "Principal": {"CanonicalUser": "b"}}, "Invalid principal in policy"),
        ({**RESOURCE, "Principal": {"Service": "sns"}}, "Invalid principal in policy"),
        ({**RESOURCE, "Action": "GetObject"}, "Policy has invalid action"),
        ({**RESOURCE, "Action": "sns:Publish"}, "Policy has invalid action"),
        ({**RESOURCE, "Resource": "*"}, "Policy has invalid resource"),
        ({**RESOURCE, "Resource": "arn:aws:s3:::other/*"}, "Policy has invalid resource"),
        ({**RESOURCE, "Resource": "arn:aws:sns:::b"}, "Policy has invalid resource"),
        ({**RESOURCE, "Resource": "arn:aws:s3:::b"}, "Action does not apply to any resource(s) in statement"),
        ({**RESOURCE, "Action": "s3:ListBucket"}, "Action does not apply to any resource(s) in statement"),
        ({**RESOURCE, "Condition": {"StringIs": {"a": "b"}}}, "Invalid Condition type : StringIs"),
        ({**RESOURCE, "Extra": "x"}, "Unknown field Extra"),
    ],
)
def test_bucket_policies_are_refused_in_s3s_words(statement: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedPolicyError) as caught:
        validate_bucket_policy(text(statement), "b")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "statement",
    [
        RESOURCE,
        {**RESOURCE, "Action": "s3:*"},
        {**RESOURCE, "Action": "*"},
        {**RESOURCE, "Action": ["s3:ListBucket", "s3:PutObject"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
        {**RESOURCE, "Action": ["s3:ListBucket", "s3:PutObject"], "Resource": "arn:aws:s3:::b*"},
        {**RESOURCE, "Resource": "arn:aws:s3:::*/x"},
        {**RESOURCE, "Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:role/path/r"]}},
        {**RESOURCE, "Principal": {"AWS": "arn:aws:sts::123456789012:assumed-role/r/session"}},
        {**RESOURCE, "Principal": {"Service": "logging.s3.amazonaws.com"}},
        {**RESOURCE, "Principal": {"CanonicalUser": "0" * 64}},
        {**RESOURCE, "Sid": "blanks are fine"},
    ],
)
def test_good_bucket_policies_are_taken(statement: dict[str, Any]) -> None:
    validate_bucket_policy(text(statement), "b")


def test_trust_policies_name_principals_and_no_resources() -> None:
    with pytest.raises(MalformedPolicyError, match="Has prohibited field Resource"):
        validate_policy(text({**TRUST, "Resource": "*"}), "trust")
    with pytest.raises(MalformedPolicyError, match="Missing required field Principal"):
        validate_policy(text(without(TRUST, "Principal")), "trust")


def test_a_policy_that_is_too_long_is_refused() -> None:
    for kind, statement in OF_KIND.items():
        validate_policy(text({**statement, "Sid": "x" * 20_000}), kind)
        with pytest.raises(MalformedPolicyError):
            validate_policy(text({**statement, "Sid": "x" * 31_000}), kind)
    with pytest.raises(MalformedPolicyError, match="maximum allowed document size"):
        validate_bucket_policy(text({**RESOURCE, "Sid": "x" * 20_480}), "b")


def test_the_same_text_is_compiled_once() -> None:
    assert compile_policy(text(IDENTITY)) is compile_policy(text(IDENTITY))


def test_a_policy_tells_whose_unique_ids_must_be_recorded() -> None:
    names = [
        "*",
        "123456789012",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:user/bob",
        "AIDA" + "X" * 17,
    ]
    spared = {**without(RESOURCE, "Principal"), "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/r"}}
    policy = compile_policy(text({**RESOURCE, "Principal": {"AWS": names}}, spared))
    assert policy.principal_arns == {"arn:aws:iam::123456789012:user/bob", "arn:aws:iam::123456789012:role/r"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["Statement", "Effect", "Action", "Resource", "Principal", "Condition", "AWS", "Bool", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=300)
def test_no_document_breaks_the_reader(document: Any) -> None:
    for one in (document, {"Statement": document}):
        try:
            compile_policy(json.dumps(one))
        except MalformedPolicyError:
            continue
