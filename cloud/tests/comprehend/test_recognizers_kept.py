"""Custom entity recognizers as they are kept: listed, versioned, stopped, deleted, and refused."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .recognizer_school import School, complaints, lines_of, refused


@pytest.fixture
def school(desk: Any) -> School:
    return School(desk)


def test_a_recognizer_in_use_is_not_deleted_and_a_deleted_one_is_gone(school: School, material: Any) -> None:
    arn = school.trained(school.data(complaints(200)))
    endpoint = school.desk.endpoint(arn)
    assert endpoint.rpartition("/")[0].endswith(":entity-recognizer-endpoint")
    delete = school.comprehend.delete_entity_recognizer
    assert refused(delete, EntityRecognizerArn=arn)[0] == "ResourceInUseException"
    classifier = school.desk.submit(material.csv_of(material.complaints(10)))
    school.desk.described(classifier)
    update = school.comprehend.update_endpoint
    assert refused(update, EndpointArn=endpoint, DesiredModelArn=classifier)[0] == "InvalidRequestException"
    listed = school.comprehend.list_endpoints(Filter={"ModelArn": arn})["EndpointPropertiesList"]
    assert [one["EndpointArn"] for one in listed] == [endpoint]
    school.comprehend.delete_endpoint(EndpointArn=endpoint)

    def gone(call: Any, **request: Any) -> bool:
        try:
            call(**request)
        except school.comprehend.exceptions.ResourceNotFoundException:
            return True
        return False

    school.desk.eventually(lambda: gone(school.comprehend.describe_endpoint, EndpointArn=endpoint))
    delete(EntityRecognizerArn=arn)
    school.desk.eventually(lambda: gone(school.comprehend.describe_entity_recognizer, EntityRecognizerArn=arn))
    assert gone(delete, EntityRecognizerArn=arn)


def test_versions_are_listed_and_summarised_and_a_token_makes_one(school: School) -> None:
    name = f"r-{uuid.uuid4().hex[:8]}"
    data = school.data(complaints(3))
    arns = [
        school.submit(data, RecognizerName=name, VersionName=f"v{n}", ClientRequestToken=f"t-{name}-{n}")
        for n in range(3)
    ]
    assert arns[1].endswith(f"entity-recognizer/{name}/version/v1")
    assert school.submit(data, RecognizerName=name, VersionName="v1", ClientRequestToken=f"t-{name}-1") == arns[1]
    for arn in arns:
        assert "5000 to 200000000 bytes" in school.described(arn)["Message"]
    pages = school.comprehend.get_paginator("list_entity_recognizers").paginate(
        Filter={"RecognizerName": name}, PaginationConfig={"PageSize": 2}
    )
    listed = [one["EntityRecognizerArn"] for page in pages for one in page["EntityRecognizerPropertiesList"]]
    assert listed == arns[::-1]
    summaries = school.comprehend.list_entity_recognizer_summaries(MaxResults=500)["EntityRecognizerSummariesList"]
    summary = next(one for one in summaries if one["RecognizerName"] == name)
    assert (summary["NumberOfVersions"], summary["LatestVersionName"], summary["LatestVersionStatus"]) == (
        3,
        "v2",
        "IN_ERROR",
    )
    code, _ = refused(school.comprehend.create_endpoint, EndpointName="e", ModelArn=arns[0], DesiredInferenceUnits=1)
    assert code == "ResourceUnavailableException"


def test_a_training_of_a_recognizer_is_stopped(school: School) -> None:
    data = school.data(complaints(3000))
    arns = [school.submit(data) for _ in range(2)]
    for arn in reversed(arns):
        school.comprehend.stop_training_entity_recognizer(EntityRecognizerArn=arn)
    assert [school.described(arn)["Status"] for arn in arns] == ["STOPPED", "STOPPED"]


def test_a_role_that_may_not_read_and_data_that_teaches_nothing_end_in_an_error(school: School) -> None:
    data = school.data(complaints(200))
    blind = school.failed(data, DataAccessRoleArn=school.desk.new_role(read="elsewhere/*"))
    assert blind.startswith("NO_READ_ACCESS_TO_INPUT")
    distrusted = school.failed(data, DataAccessRoleArn=school.desk.new_role("sns.amazonaws.com"))
    assert distrusted.startswith("NO_READ_ACCESS_TO_INPUT")
    scarce = school.failed(data | {"EntityTypes": [{"Type": "STREET"}, {"Type": "PARK"}]})
    assert "fewer than 25 entities of 1 of the entity types, such as PARK with 0" in scarce
    absent = school.failed(data | {"Documents": {"S3Uri": f"s3://{school.desk.bucket}/in/none/"}})
    assert "There is no object at" in absent
    folder = f"in/{uuid.uuid4().hex}"
    for part in ("a", "b"):
        school.desk.put(f"{folder}/{part}/x.txt", lines_of(complaints(200)))
    double = school.failed(data | {"Documents": {"S3Uri": f"s3://{school.desk.bucket}/{folder}/"}})
    assert "Two of the document files have the same name, x.txt" in double


def test_who_may_not_pass_the_role_creates_no_recognizer_and_an_endpoint_is_asked_by_who_may(school: School) -> None:
    endpoint = school.desk.endpoint(school.trained(school.data(complaints(200))))
    user = f"user-{uuid.uuid4().hex[:8]}"
    school.desk.iam.create_user(UserName=user)
    statements = [
        {"Effect": "Allow", "Action": "comprehend:CreateEntityRecognizer", "Resource": "*"},
        {"Effect": "Allow", "Action": "comprehend:DetectEntities", "Resource": endpoint},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    school.desk.iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    theirs = school.desk.client("comprehend", school.desk.iam.create_access_key(UserName=user)["AccessKey"])
    code, message = refused(
        theirs.create_entity_recognizer,
        RecognizerName="r",
        DataAccessRoleArn=school.desk.role,
        InputDataConfig=school.data(complaints(3)),
        LanguageCode="en",
    )
    assert code == "AccessDeniedException"
    assert "iam:PassRole" in message
    assert theirs.detect_entities(Text="LM-77 was left on Texas Ave", EndpointArn=endpoint)["Entities"]
    assert refused(theirs.detect_entities, Text="x", EndpointArn=endpoint + "-b")[0] == "AccessDeniedException"
    assert refused(theirs.detect_entities, Text="x", LanguageCode="en")[0] == "AccessDeniedException"


DOCUMENTS = {"Documents": {"S3Uri": "s3://letters/docs/"}}
ANNOTATED = {**DOCUMENTS, "Annotations": {"S3Uri": "s3://letters/a.csv"}}
MANIFEST = {"S3Uri": "s3://letters/m", "AttributeNames": ["job"]}
MANIFESTS = {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [MANIFEST]}


@pytest.mark.parametrize(
    ("data", "further", "code"),
    [
        (ANNOTATED, {"LanguageCode": "ja"}, "UnsupportedLanguageException"),
        (ANNOTATED, {"Tags": [{"Key": f"k{n}"} for n in range(51)]}, "TooManyTagsException"),
        (ANNOTATED, {"ModelKmsKeyId": "alias/x"}, "NotImplemented"),
        (ANNOTATED | {"EntityTypes": []}, {}, "InvalidRequestException"),
        (ANNOTATED | {"EntityTypes": [{"Type": f"T{n}"} for n in range(26)]}, {}, "InvalidRequestException"),
        (ANNOTATED | {"EntityTypes": [{"Type": "A"}, {"Type": "A"}]}, {}, "InvalidRequestException"),
        (ANNOTATED | {"EntityTypes": [{"Type": "A,B"}]}, {}, "ValidationException"),
        (ANNOTATED | {"EntityTypes": [{"Type": "A\\nB"}]}, {}, "ValidationException"),
        (ANNOTATED | {"EntityTypes": [{"Type": "x" * 65}]}, {}, "ValidationException"),
        (DOCUMENTS, {}, "InvalidRequestException"),
        ({"EntityList": {"S3Uri": "s3://letters/l"}}, {}, "InvalidRequestException"),
        (ANNOTATED | {"EntityList": {"S3Uri": "s3://letters/l"}}, {}, "InvalidRequestException"),
        (
            ANNOTATED | {"Documents": {"S3Uri": "s3://letters/d", "TestS3Uri": "s3://letters/t"}},
            {},
            "InvalidRequestException",
        ),
        (ANNOTATED | {"AugmentedManifests": [MANIFEST]}, {}, "InvalidRequestException"),
        (MANIFESTS | DOCUMENTS, {}, "InvalidRequestException"),
        (MANIFESTS | {"AugmentedManifests": [MANIFEST] * 6}, {}, "InvalidRequestException"),
        (
            MANIFESTS | {"AugmentedManifests": [MANIFEST | {"AttributeNames": list("abcdef")}]},
            {},
            "InvalidRequestException",
        ),
        (MANIFESTS | {"AugmentedManifests": [MANIFEST | {"Split": "TEST"}]}, {}, "InvalidRequestException"),
        (
            MANIFESTS | {"AugmentedManifests": [MANIFEST | {"DocumentType": "SEMI_STRUCTURED_DOCUMENT"}]},
            {},
            "NotImplemented",
        ),
    ],
)
def test_recognizers_that_can_not_be_are_refused(
    school: School, data: dict[str, Any], further: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as error:
        school.submit({"EntityTypes": [{"Type": "STREET"}], **data}, **further)
    assert error.value.response["Error"]["Code"] == code
