"""CopyProjectVersion through boto3: a trained model in another project, and in another account by a project's policy."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud

from ..engines.pavements import jpeg, pavement  # noqa: TID252 - the engines' tests draw them too
from .account import Account
from .city import City, Trained, teach

SHOWN = [jpeg(pavement(4000 + number, *things)) for number, things in enumerate([("scooter",), (), ("scooter",), ()])]


@pytest.fixture(scope="module")
def trained(cloud: LocalCloud, patiently: Callable[..., Any]) -> Iterator[Trained]:
    clients = [boto3.client(cast("Any", service), **cloud.client_arguments()) for service in ("s3", "rekognition")]
    city = City(*clients, bucket=f"city-{uuid.uuid4().hex[:12]}", eventually=patiently)
    city.s3.create_bucket(Bucket=city.bucket)
    yield teach(city)
    for each in clients:
        each.close()


def copied(city: City, project: str, trained: Trained, **request: Any) -> str:
    """Begin to copy the trained version to a project; the copy's ARN."""
    wanted = {
        "SourceProjectArn": trained.project,
        "SourceProjectVersionArn": trained.version,
        "DestinationProjectArn": project,
        "VersionName": "v1",
        "OutputConfig": {"S3Bucket": city.bucket, "S3KeyPrefix": "copies"},
    }
    return city.rekognition.copy_project_version(**wanted | request)["ProjectVersionArn"]


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"]


def seen(city: City, version: str) -> list[dict[str, float]]:
    answers = [
        city.rekognition.detect_custom_labels(ProjectVersionArn=version, Image={"Bytes": image}, MinConfidence=0)
        for image in SHOWN
    ]
    return [{label["Name"]: label["Confidence"] for label in answer["CustomLabels"]} for answer in answers]


def test_a_copy_says_what_the_model_says_that_it_was_made_of(trained: Trained) -> None:
    city, project = trained.city, trained.city.project()
    version = copied(city, project, trained, Tags={"team": "streets"})
    told = city.settled(project, "COPYING_IN_PROGRESS")
    assert (told["ProjectVersionArn"], told["Status"]) == (version, "COPYING_COMPLETED")
    assert told["SourceProjectVersionArn"] == trained.version
    assert told["EvaluationResult"]["F1Score"] == trained.told["EvaluationResult"]["F1Score"]
    assert told["BaseModelVersion"] == trained.told["BaseModelVersion"]
    assert city.rekognition.list_tags_for_resource(ResourceArn=version)["Tags"] == {"team": "streets"}
    summaries = [city.document(one["EvaluationResult"]["Summary"]) for one in (told, trained.told)]
    assert summaries[0] == summaries[1]
    assert told["EvaluationResult"]["Summary"]["S3Object"]["Name"].startswith("copies/EvaluationResultSummary-")
    city.run(project, version)
    city.run(trained.project, trained.version)
    of_copy, of_source = seen(city, version), seen(city, trained.version)
    assert of_copy == of_source
    assert of_copy[0] != of_copy[1]


def test_a_copy_lives_on_without_its_source(trained: Trained) -> None:
    city, first, second = trained.city, trained.city.project(), trained.city.project()
    between = copied(city, first, trained)
    city.settled(first, "COPYING_IN_PROGRESS")
    version = copied(city, second, trained, SourceProjectArn=first, SourceProjectVersionArn=between)
    assert city.settled(second, "COPYING_IN_PROGRESS")["SourceProjectVersionArn"] == between
    city.rekognition.delete_project_version(ProjectVersionArn=between)
    city.run(second, version)
    assert seen(city, version)[0]


def test_what_can_not_be_copied_is_refused(trained: Trained) -> None:
    city, project = trained.city, trained.city.project()
    another = city.project()
    of_another = {"SourceProjectArn": another}
    assert refused(lambda: copied(city, project, trained, **of_another)) == "InvalidParameterException"
    missing = {"SourceProjectVersionArn": trained.version[:-3] + "000"}
    assert refused(lambda: copied(city, project, trained, **missing)) == "ResourceNotFoundException"
    assert refused(lambda: copied(city, project[:-3] + "000", trained)) == "ResourceNotFoundException"
    elsewhere = {
        "SourceProjectArn": trained.project.replace("us-east-1", "eu-west-1"),
        "SourceProjectVersionArn": trained.version.replace("us-east-1", "eu-west-1"),
    }
    assert refused(lambda: copied(city, project, trained, **elsewhere)) == "InvalidParameterException"
    failed = city.train(another, TrainingData={"Assets": []}, TestingData={"AutoCreate": True})
    assert failed["Status"] == "TRAINING_FAILED"
    untrained = {"SourceProjectArn": another, "SourceProjectVersionArn": failed["ProjectVersionArn"]}
    assert refused(lambda: copied(city, project, trained, **untrained)) == "InvalidParameterException"
    nowhere = {"OutputConfig": {"S3KeyPrefix": "copies"}}
    assert refused(lambda: copied(city, project, trained, **nowhere)) == "InvalidParameterException"
    copied(city, project, trained)
    assert refused(lambda: copied(city, project, trained)) == "ResourceInUseException"


def test_a_copy_whose_documents_can_not_be_written_fails(trained: Trained) -> None:
    city, project = trained.city, trained.city.project()
    copied(city, project, trained, OutputConfig={"S3Bucket": f"nobodys-{uuid.uuid4().hex}"})
    told = city.settled(project, "COPYING_IN_PROGRESS")
    assert (told["Status"], told["StatusMessage"]) == ("COPYING_FAILED", "Unable to write to output S3 bucket.")
    city.rekognition.delete_project_version(ProjectVersionArn=told["ProjectVersionArn"])


def test_another_account_copies_what_a_projects_policy_lets_it(
    trained: Trained, other: Account, patiently: Callable[..., Any]
) -> None:
    mine = trained.city.rekognition
    arn, key = other.user("rekognition:*", "s3:*")
    theirs = other.city(key, patiently)
    project = theirs.project()
    assert refused(lambda: copied(theirs, project, trained)) == "AccessDeniedException"

    def let(effect: str, principal: str, name: str) -> str:
        statement = {
            "Effect": effect,
            "Principal": {"AWS": principal},
            "Action": "rekognition:CopyProjectVersion",
            "Resource": trained.version,
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        put = {"ProjectArn": trained.project, "PolicyName": name, "PolicyDocument": document}
        return mine.put_project_policy(**put)["PolicyRevisionId"]

    let("Allow", other.number, "account")
    let("Deny", arn, "not-ada")
    assert refused(lambda: copied(theirs, project, trained)) == "AccessDeniedException", "a denial ends it"
    mine.delete_project_policy(ProjectArn=trained.project, PolicyName="not-ada")
    version = copied(theirs, project, trained)
    told = theirs.settled(project, "COPYING_IN_PROGRESS")
    assert told["Status"] == "COPYING_COMPLETED"
    assert told["EvaluationResult"] == {"F1Score": trained.told["EvaluationResult"]["F1Score"]}, "not their documents"
    theirs.run(project, version)
    assert seen(theirs, version)[0]
    _, poor = other.user("rekognition:DescribeProjects")
    stranger = City(other.client("s3", poor), other.client("rekognition", poor), theirs.bucket, patiently)
    assert refused(lambda: copied(stranger, project, trained, VersionName="v2")) == "AccessDeniedException"
    mine.delete_project_policy(ProjectArn=trained.project, PolicyName="account")
    assert refused(lambda: copied(theirs, project, trained, VersionName="v2")) == "AccessDeniedException"


def test_nobody_copies_into_another_accounts_project(trained: Trained, other: Account) -> None:
    _, key = other.user("rekognition:*")
    theirs = other.client("rekognition", key).create_project(ProjectName=f"p-{uuid.uuid4().hex[:8]}")["ProjectArn"]
    assert refused(lambda: copied(trained.city, theirs, trained)) == "AccessDeniedException"
