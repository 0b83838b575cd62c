"""IAM's policy simulator, asked by boto3 of a running cloud, and where it finds statements."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.security.policy.positions import Position, Span, statement_spans

OBJECT = "arn:aws:s3:::gid-requests/2019/jan.csv"
TEMPLATE = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
TLS = {"Bool": {"aws:SecureTransport": "true"}}


def document(*statements: dict[str, Any], **layout: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, **layout)


def allow(action="s3:GetObject", resource="*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="s3:GetObject", resource="*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def custom(iam):
    """The results of a simulation of these policies by action, and of each resource."""

    def simulate(*policies: str, actions=("s3:GetObject",), resources=(OBJECT,), **more: Any) -> Any:
        arguments = {"PolicyInputList": list(policies), "ActionNames": list(actions), **more}
        if resources:
            arguments["ResourceArns"] = list(resources)
        answer = iam.simulate_custom_policy(**arguments)
        assert not answer["IsTruncated"]
        return {one["EvalActionName"]: one for one in answer["EvaluationResults"]}

    return simulate


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_each_action_has_its_decision(custom):
    results = custom(document(allow(), deny("s3:PutObject")), actions=("s3:GetObject", "s3:PutObject", "s3:ListBucket"))
    decisions = {name: one["EvalDecision"] for name, one in results.items()}
    assert decisions == {"s3:GetObject": "allowed", "s3:PutObject": "explicitDeny", "s3:ListBucket": "implicitDeny"}
    assert results["s3:GetObject"]["EvalResourceName"] == OBJECT
    assert results["s3:GetObject"]["EvalDecisionDetails"] == {}
    assert "OrganizationsDecisionDetail" not in results["s3:GetObject"]


def test_matched_statements_say_where_they_stand(custom):
    text = (
        '{\n  "Version": "2012-10-17",\n  "Statement": {\n    "Effect": "Allow", "Action": "*", "Resource": "*"\n  }\n}'
    )
    (result,) = custom(text).values()
    (matched,) = result["MatchedStatements"]
    assert matched == {
        "SourcePolicyId": "PolicyInputList.1",
        "SourcePolicyType": "IAM Policy",
        "StartPosition": {"Line": 3, "Column": 17},
        "EndPosition": {"Line": 5, "Column": 4},
    }
    assert result["ResourceSpecificResults"][0]["MatchedStatements"] == [matched]


def test_only_the_statements_that_deny_are_matched_where_one_does(custom):
    (result,) = custom(document(allow()), document(allow("s3:*"), deny())).values()
    assert [one["SourcePolicyId"] for one in result["MatchedStatements"]] == ["PolicyInputList.2"]


def test_each_resource_has_its_own_decision_and_the_strictest_stands_above(custom):
    other = "arn:aws:s3:::gid-staging/k"
    (result,) = custom(document(allow(resource=OBJECT)), resources=(OBJECT, other)).values()
    assert (result["EvalDecision"], result["EvalResourceName"]) == ("implicitDeny", TEMPLATE)
    assert {one["EvalResourceName"]: one["EvalResourceDecision"] for one in result["ResourceSpecificResults"]} == {
        OBJECT: "allowed",
        other: "implicitDeny",
    }


def test_without_resources_it_is_everything(custom):
    (result,) = custom(document(allow()), resources=()).values()
    assert (result["EvalResourceName"], result["EvalDecision"]) == ("*", "allowed")
    assert not {"ResourceSpecificResults", "EvalDecisionDetails"} & result.keys()
    (narrow,) = custom(document(allow(resource=OBJECT)), resources=()).values()
    assert narrow["EvalDecision"] == "implicitDeny"


def test_all_buckets_may_be_named_by_a_pattern(custom):
    for pattern in ("arn:aws:s3:::*", "*"):
        policy = document(allow("s3:ListAllMyBuckets", pattern))
        result = custom(policy, actions=("s3:ListAllMyBuckets",), resources=())["s3:ListAllMyBuckets"]
        assert result["EvalDecision"] == "allowed"
        assert len(result["MatchedStatements"]) == 1


def test_condition_keys_that_nobody_gave_are_missing(custom):
    policy = document(
        allow(Condition=TLS, resource="arn:aws:s3:::gid-requests/${aws:username}/*"), allow("s3:PutObject")
    )
    (result,) = custom(policy, resources=()).values()
    assert (result["EvalDecision"], result["MissingContextValues"]) == (
        "implicitDeny",
        ["aws:SecureTransport", "aws:username"],
    )
    entries = [
        {"ContextKeyName": "aws:SecureTransport", "ContextKeyValues": ["true"], "ContextKeyType": "boolean"},
        {"ContextKeyName": "aws:username", "ContextKeyValues": ["ann"], "ContextKeyType": "string"},
    ]
    own = "arn:aws:s3:::gid-requests/ann/k"
    (result,) = custom(policy, resources=(own,), ContextEntries=entries).values()
    assert (result["EvalDecision"], result["ResourceSpecificResults"][0]["MissingContextValues"]) == ("allowed", [])
    (put,) = custom(policy, actions=("s3:PutObject",), resources=()).values()
    assert put["MissingContextValues"] == []


def test_a_boundary_says_whether_it_lets_through(custom):
    for fence, allowed in ((document(allow("s3:Get*")), True), (document(allow("s3:Put*")), False)):
        (result,) = custom(document(allow()), PermissionsBoundaryPolicyInputList=[fence]).values()
        assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": allowed}
        assert result["EvalDecision"] == ("allowed" if allowed else "implicitDeny")
    (result,) = custom(document(allow()), PermissionsBoundaryPolicyInputList=[document(deny())]).values()
    assert result["EvalDecision"] == "explicitDeny"
    assert result["MatchedStatements"][0]["SourcePolicyId"] == "PermissionsBoundaryPolicyInputList.1"


def test_a_resource_policy_counts_for_the_caller(custom, iam):
    ann, bob = "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::444455556666:user/bob"
    policy = document(allow(resource=OBJECT, Principal={"AWS": [ann, bob]}))
    none = document(allow("sns:Publish"))
    (result,) = custom(none, ResourcePolicy=policy, CallerArn=ann).values()
    assert result["EvalDecision"] == "allowed"
    assert result["MatchedStatements"][0]["SourcePolicyType"] == "resource"
    other = {"ResourcePolicy": policy, "CallerArn": bob, "ResourceOwner": "arn:aws:iam::111122223333:root"}
    (across,) = custom(none, **other).values()
    assert across["EvalDecision"] == "implicitDeny"
    (both,) = custom(document(allow()), **other).values()
    assert both["EvalDecision"] == "allowed"
    (unnamed,) = custom(none, ResourcePolicy=policy, CallerArn=ann + "-e").values()
    assert unnamed["EvalDecision"] == "implicitDeny"
    needed = {"PolicyInputList": [none], "ActionNames": ["s3:GetObject"], "ResourcePolicy": policy}
    assert refused(iam.simulate_custom_policy, **needed) == "InvalidInput"


def test_a_users_own_policies_are_simulated_as_the_user_would_have_them(iam):
    name = f"u-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    home = document(allow(resource="arn:aws:s3:::home/${aws:username}/*"))
    iam.put_user_policy(UserName=name, PolicyName="home", PolicyDocument=home)
    resources = [f"arn:aws:s3:::home/{name}/k", "arn:aws:s3:::home/other/k"]
    asked = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject"], "ResourceArns": resources}
    (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    own, others = result["ResourceSpecificResults"]
    assert (own["EvalResourceDecision"], others["EvalResourceDecision"]) == ("allowed", "implicitDeny")
    (matched,) = own["MatchedStatements"]
    assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == (f"user_{name}_home", "IAM Policy")
    further = [document(deny(resource="arn:aws:s3:::home/*"))]
    (result,) = iam.simulate_principal_policy(**asked, PolicyInputList=further)["EvaluationResults"]
    assert result["EvalDecision"] == "explicitDeny"


def test_groups_managed_policies_and_boundaries_count(iam):
    name = f"u-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    group = iam.create_group(GroupName=f"g-{name}")["Group"]
    iam.add_user_to_group(GroupName=group["GroupName"], UserName=name)
    iam.put_group_policy(GroupName=group["GroupName"], PolicyName="put", PolicyDocument=document(allow("s3:PutObject")))
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    own = iam.create_policy(PolicyName=f"p-{name}", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    asked = {"ActionNames": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "ResourceArns": [OBJECT]}

    def found(source):
        results = iam.simulate_principal_policy(PolicySourceArn=source, **asked)["EvaluationResults"]
        return {
            one["EvalActionName"]: (
                one["EvalDecision"],
                [(matched["SourcePolicyId"], matched["SourcePolicyType"]) for matched in one["MatchedStatements"]],
            )
            for one in results
        }

    assert found(arn) == {
        "s3:GetObject": ("allowed", [("AmazonS3ReadOnlyAccess", "IAM Policy")]),
        "s3:PutObject": ("allowed", [("put", "IAM Policy")]),
        "s3:DeleteObject": ("implicitDeny", []),
    }
    assert found(group["Arn"])["s3:PutObject"] == ("allowed", [(f"group_{group['GroupName']}_put", "IAM Policy")])
    iam.attach_user_policy(UserName=name, PolicyArn=own)
    assert found(arn)["s3:DeleteObject"] == ("allowed", [(f"p-{name}", "IAM Policy")])
    fence = iam.create_policy(PolicyName=f"f-{name}", PolicyDocument=document(allow("s3:Get*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=fence)
    assert found(arn)["s3:GetObject"][0] == "allowed"
    assert found(arn)["s3:DeleteObject"] == ("implicitDeny", [])


def test_a_roles_own_policies_are_simulated(iam):
    name = f"r-{uuid.uuid4().hex[:8]}"
    trust = document({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=document(allow()))
    asked = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject"], "ResourceArns": [OBJECT]}
    (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    (matched,) = result["MatchedStatements"]
    assert (result["EvalDecision"], matched["SourcePolicyId"]) == ("allowed", f"role_{name}_read")
    policy = document(allow(Principal={"AWS": "111122223333"}))
    assert refused(iam.simulate_principal_policy, **asked, ResourcePolicy=policy) == "InvalidInput"


def test_results_come_in_pages(iam):
    actions = [f"s3:Action{n}" for n in range(5)]
    asked = {"PolicyInputList": [document(allow("s3:*"))], "ActionNames": actions, "MaxItems": 2}
    seen, marker = [], None
    while True:
        answer = iam.simulate_custom_policy(**asked, **({"Marker": marker} if marker else {}))
        seen.append([one["EvalActionName"] for one in answer["EvaluationResults"]])
        if not answer["IsTruncated"]:
            break
        marker = answer["Marker"]
    assert seen == [actions[:2], actions[2:4], actions[4:]]
    assert "Marker" not in answer


def test_what_can_not_be_simulated_is_refused(iam):
    policy = document(allow())
    asked = {"PolicyInputList": [policy], "ActionNames": ["s3:GetObject"]}
    assert refused(iam.simulate_custom_policy, **{**asked, "PolicyInputList": ["{}"]}) == "InvalidInput"
    assert refused(iam.simulate_custom_policy, **{**asked, "ActionNames": ["s3:Get*"]}) == "InvalidInput"
    assert refused(iam.simulate_custom_policy, **asked, CallerArn="arn:aws:iam::1:user/a") == "InvalidInput"
    two = {"PermissionsBoundaryPolicyInputList": [policy, policy]}
    assert refused(iam.simulate_custom_policy, **asked, **two) == "InvalidInput"
    assert refused(iam.simulate_custom_policy, **asked, ResourceHandlingOption="EC2-VPC-EBS") == "NotImplemented"
    nobody = {"PolicySourceArn": "arn:aws:iam::111122223333:user/no-such-user", "ActionNames": ["s3:GetObject"]}
    assert refused(iam.simulate_principal_policy, **nobody) == "NoSuchEntity"
    root = {**nobody, "PolicySourceArn": "arn:aws:iam::111122223333:root"}
    assert refused(iam.simulate_principal_policy, **root) == "InvalidInput"


# --- where statements stand -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ('{"Statement":{"a":1}}', [(1, 15, 1, 21)]),
        ('{"Statement":[{"a":"}"},{}]}', [(1, 16, 1, 24), (1, 26, 1, 27)]),
        ('{"Id":"Statement","Statement":[{}]}', [(1, 33, 1, 34)]),
        ('\n{ "Statement" : [\n {"a":\n[{}]}\n] }', [(3, 3, 4, 6)]),
    ],
)
def test_statements_are_found_in_the_text(text, spans):
    found = [(one.start.line, one.start.column, one.end.line, one.end.column) for one in statement_spans(text)]
    assert found == spans


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one, max_size=3),
    max_leaves=5,
)
_STATEMENTS = st.lists(st.dictionaries(st.text(max_size=3), _JSON, max_size=3), min_size=1, max_size=3)


@given(_STATEMENTS, st.sampled_from([None, 0, 2]), st.booleans())
def test_what_stands_at_a_span_is_the_statement(statements, indent, ascii_only):
    text = json.dumps({"Id": "x", "Statement": statements, "More": statements}, indent=indent, ensure_ascii=ascii_only)
    spans = statement_spans(text)
    assert [json.loads(text[_offset(text, one.start) - 1 : _offset(text, one.end)]) for one in spans] == statements


def _offset(text: str, position: Position) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: position.line - 1]) + position.column - 1


def test_a_span_is_two_positions():
    assert statement_spans('{"Statement":{}}') == (
        Span(start=Position(line=1, column=15), end=Position(line=1, column=16)),
    )
