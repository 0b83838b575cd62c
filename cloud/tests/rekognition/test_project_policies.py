"""Project policies through boto3: kept by revisions, checked, and put together as one."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from marinelayer.security.policy.compiled import compile_policy
from marinelayer.services.rekognition.project_access import together

Client = Callable[..., Any]
USER = "arn:aws:iam::111122223333:user/ada"


def policy(*, version: str = "2012-10-17", **changed: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "rekognition:CopyProjectVersion",
        "Resource": "arn:aws:rekognition:us-east-1:111122223333:project/p/version/*",
        **changed,
    }
    kept = {key: value for key, value in statement.items() if value is not None}
    return json.dumps({"Version": version, "Statement": [kept]})


@pytest.fixture
def rekognition(client: Client) -> Any:
    return client("rekognition")


@pytest.fixture
def project(rekognition: Any) -> str:
    return rekognition.create_project(ProjectName=f"p-{uuid.uuid4().hex[:8]}")["ProjectArn"]


def refused(call: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error.value.response["Error"]["Code"]


def test_a_policy_is_kept_as_it_was_put_with_a_revision(rekognition: Any, project: str) -> None:
    put = rekognition.put_project_policy(ProjectArn=project, PolicyName="copies", PolicyDocument=policy())
    (told,) = rekognition.list_project_policies(ProjectArn=project)["ProjectPolicies"]
    assert (told["ProjectArn"], told["PolicyName"], told["PolicyDocument"]) == (project, "copies", policy())
    assert told["PolicyRevisionId"] == put["PolicyRevisionId"]
    assert int(put["PolicyRevisionId"], 16) >= 0
    assert told["CreationTimestamp"] == told["LastUpdatedTimestamp"]


def test_only_the_newest_revision_is_changed_and_deleted(rekognition: Any, project: str) -> None:
    named = {"ProjectArn": project, "PolicyName": "copies"}
    first = rekognition.put_project_policy(**named, PolicyDocument=policy())["PolicyRevisionId"]
    assert refused(rekognition.put_project_policy, **named, PolicyDocument=policy()) == "ResourceAlreadyExistsException"
    denied = policy(Effect="Deny")
    second = rekognition.put_project_policy(**named, PolicyDocument=denied, PolicyRevisionId=first)["PolicyRevisionId"]
    assert second != first
    old = {**named, "PolicyRevisionId": first}
    assert refused(rekognition.put_project_policy, **old, PolicyDocument=denied) == "InvalidPolicyRevisionIdException"
    assert refused(rekognition.delete_project_policy, **old) == "InvalidPolicyRevisionIdException"
    (told,) = rekognition.list_project_policies(ProjectArn=project)["ProjectPolicies"]
    assert told["PolicyDocument"] == denied
    assert told["LastUpdatedTimestamp"] > told["CreationTimestamp"]
    rekognition.delete_project_policy(**named, PolicyRevisionId=second)
    assert rekognition.list_project_policies(ProjectArn=project)["ProjectPolicies"] == []
    assert refused(rekognition.delete_project_policy, **named) == "ResourceNotFoundException"
    gone = {**named, "PolicyRevisionId": second}
    assert refused(rekognition.put_project_policy, **gone, PolicyDocument=denied) == "InvalidPolicyRevisionIdException"


def test_a_project_has_at_most_five_in_pages(rekognition: Any, project: str) -> None:
    for number in range(5):
        rekognition.put_project_policy(ProjectArn=project, PolicyName=f"p{number}", PolicyDocument=policy())
    more = {"ProjectArn": project, "PolicyName": "p5", "PolicyDocument": policy()}
    assert refused(rekognition.put_project_policy, **more) == "ServiceQuotaExceededException"
    first = rekognition.list_project_policies(ProjectArn=project, MaxResults=3)
    rest = rekognition.list_project_policies(ProjectArn=project, MaxResults=3, NextToken=first["NextToken"])
    names = [one["PolicyName"] for page in (first, rest) for one in page["ProjectPolicies"]]
    assert names == [f"p{number}" for number in range(5)]
    assert "NextToken" not in rest
    forged = {"ProjectArn": project, "NextToken": "abc"}
    assert refused(rekognition.list_project_policies, **forged) == "InvalidPaginationTokenException"


@pytest.mark.parametrize(
    "changed",
    [
        {"Action": "rekognition:DetectCustomLabels"},
        {"Action": "*"},
        {"Action": "rekognition:*"},
        {"Action": None, "NotAction": "rekognition:CopyProjectVersion"},
        {"Resource": None},
        {"Resource": None, "NotResource": "*"},
        {"Principal": None},
        {"Principal": None, "NotPrincipal": {"AWS": "*"}},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:user/nobody-of-this-name"}},
        {"Effect": "Perhaps"},
    ],
    ids=str,
)
def test_what_is_no_policy_of_a_project_is_refused(rekognition: Any, project: str, changed: Mapping[str, Any]) -> None:
    request = {"ProjectArn": project, "PolicyName": "copies", "PolicyDocument": policy(**changed)}
    assert refused(rekognition.put_project_policy, **request) == "MalformedPolicyDocumentException"
    assert rekognition.list_project_policies(ProjectArn=project)["ProjectPolicies"] == []


def test_policies_are_of_projects_that_are_there_and_go_with_them(rekognition: Any, project: str) -> None:
    missing = project[:-3] + "000"
    put = {"PolicyName": "copies", "PolicyDocument": policy()}
    assert refused(rekognition.put_project_policy, ProjectArn=missing, **put) == "ResourceNotFoundException"
    assert refused(rekognition.list_project_policies, ProjectArn=missing) == "ResourceNotFoundException"
    rekognition.put_project_policy(ProjectArn=project, **put)
    rekognition.delete_project(ProjectArn=project)
    assert refused(rekognition.list_project_policies, ProjectArn=project) == "ResourceNotFoundException"


# --- several as one


def row(document: str, updated: int, user: str = "") -> Any:
    return {"document": document, "updated": updated, "principals": json.dumps({USER: user} if user else {})}


def test_all_statements_count_and_who_was_made_again_is_not_who_was_meant_before() -> None:
    old = row(policy(Principal={"AWS": USER}, Resource="old"), 1, "AIDAOLD")
    new = row(policy(Principal={"AWS": [USER, "999988887777"]}, Resource="new"), 2, "AIDANEW")
    one = together([old, new])
    assert one.principals == {USER: "AIDANEW"}
    principals = {
        statement["Resource"]: statement["Principal"]["AWS"] for statement in json.loads(one.text)["Statement"]
    }
    assert principals == {"new": [USER, "999988887777"], "old": ["AIDAOLD"]}
    compile_policy(one.text)


def test_what_looks_like_a_variable_in_an_older_policy_stays_what_it_is() -> None:
    resource = "arn:aws:rekognition:us-east-1:111122223333:project/${aws:username}/*"
    older = json.loads(together([row(policy(version="2008-10-17", Resource=resource), 1)]).text)
    newer = json.loads(together([row(policy(Resource=resource), 1)]).text)
    assert older["Statement"][0]["Resource"] == resource.replace("${", "${$}{")
    assert newer["Statement"][0]["Resource"] == resource
