"""Custom entity recognizers, with boto3 over a real socket: really trained, tested, and asked."""

import json
import random
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

STREETS = ["Market", "Fairmount", "Balboa", "Texas", "Genesee", "Nimitz", "Voltaire", "Catalina", "Garnet", "Mission"]
FORMS = (
    "There is a pothole on {STREET} near the school.",
    "Scooter {VEHICLE} blocks the ramp at {STREET}.",
    "{VEHICLE} was left on {STREET} since monday",
    "Graffiti at the corner of {STREET} and {STREET}, please come.",
    "Nobody knows who owns {VEHICLE}, it lies in the canyon",
    "The lamp in front of my house flickers for 12 days",
)
Marked = tuple[str, list[tuple[int, int, str]]]
"""A text, and its entities: first code point, that after the last, type."""


def name_of(chance: random.Random, kind: str) -> str:
    if kind == "STREET":
        return f"{chance.choice(STREETS)} {chance.choice(('Street', 'Ave', 'Boulevard'))}"
    return f"{chance.choice(('SD', 'LM'))}-{chance.randint(100, 9999)}"


def complaints(count: int, seed: int = 1) -> list[Marked]:
    """Invented complaints, with the streets and vehicles in them."""
    chance = random.Random(seed)
    made: list[Marked] = []
    for _ in range(count):
        text, places = "", list[tuple[int, int, str]]()
        for part in chance.choice(FORMS).replace("{", "}").split("}"):
            name = name_of(chance, part) if part in {"STREET", "VEHICLE"} else part
            if name is not part:
                places.append((len(text), len(text) + len(name), part))
            text += name
        made.append((text, places))
    return made


def annotations_of(documents: Sequence[Marked], file: str) -> bytes:
    rows = [
        f"{file},{line},{begin},{end},{kind}"
        for line, (_, places) in enumerate(documents)
        for begin, end, kind in places
    ]
    return "\n".join(("File,Line,Begin Offset,End Offset,Type", *rows)).encode()


def lines_of(documents: Sequence[Marked]) -> bytes:
    return "\n".join(text for text, _ in documents).encode()


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


class School:
    """Trains recognizers on the documents of a desk."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.comprehend = desk.comprehend

    def data(self, training: Sequence[Marked], testing: Sequence[Marked] = ()) -> dict[str, Any]:
        """An InputDataConfig of annotated lines."""
        folder = f"in/{uuid.uuid4().hex}"
        uris = {
            "Documents": {"S3Uri": self.desk.put(f"{folder}/train/a.txt", lines_of(training))},
            "Annotations": {"S3Uri": self.desk.put(f"{folder}/train.csv", annotations_of(training, "a.txt"))},
        }
        if testing:
            uris["Documents"]["TestS3Uri"] = self.desk.put(f"{folder}/test/b.txt", lines_of(testing))
            uris["Annotations"]["TestS3Uri"] = self.desk.put(f"{folder}/test.csv", annotations_of(testing, "b.txt"))
        return {"EntityTypes": [{"Type": "STREET"}, {"Type": "VEHICLE"}], **uris}

    def submit(self, data: dict[str, Any], **request: Any) -> str:
        """The ARN of a new recognizer."""
        chosen: dict[str, Any] = {
            "RecognizerName": f"r-{uuid.uuid4().hex[:12]}",
            "DataAccessRoleArn": self.desk.role,
            "InputDataConfig": data,
            "LanguageCode": "en",
        }
        return self.comprehend.create_entity_recognizer(**(chosen | request))["EntityRecognizerArn"]

    def described(self, arn: str) -> dict[str, Any]:
        """A recognizer's description, once its training is over."""

        def ended() -> dict[str, Any] | None:
            answer = self.comprehend.describe_entity_recognizer(EntityRecognizerArn=arn)
            found = answer["EntityRecognizerProperties"]
            return found if found["Status"] not in {"SUBMITTED", "TRAINING", "STOP_REQUESTED"} else None

        return self.desk.eventually(ended)

    def trained(self, data: dict[str, Any], **request: Any) -> str:
        """The ARN of a new trained recognizer."""
        arn = self.submit(data, **request)
        found = self.described(arn)
        assert found["Status"] == "TRAINED", found.get("Message")
        return arn

    def failed(self, data: dict[str, Any], **request: Any) -> str:
        """The message of a recognizer that could not be trained."""
        found = self.described(self.submit(data, **request))
        assert found["Status"] == "IN_ERROR"
        assert "RecognizerMetadata" not in found
        return found["Message"]

    def found(self, endpoint: str, text: str) -> list[tuple[int, int, str]]:
        """What the recognizer at an endpoint finds."""
        answer = self.comprehend.detect_entities(Text=text, EndpointArn=endpoint)
        for entity in answer["Entities"]:
            assert entity["Text"] == text[entity["BeginOffset"] : entity["EndOffset"]]
            assert 0 < entity["Score"] <= 1
        return [(entity["BeginOffset"], entity["EndOffset"], entity["Type"]) for entity in answer["Entities"]]


@pytest.fixture
def school(desk: Any) -> School:
    return School(desk)


def share(part: int, whole: int) -> float:
    return 100 * part / whole


def test_a_recognizer_does_on_its_test_what_its_description_says(school: School) -> None:
    training = complaints(200)
    # One annotation in ten of the test is wrong, so that the measures are none that anybody could guess.
    testing = [
        (text, [(begin, end - (n % 10 == 0), kind) for begin, end, kind in places])
        for n, (text, places) in enumerate(complaints(60, seed=2))
    ]
    arn = school.trained(school.data(training, testing), Tags=[{"Key": "team", "Value": "streets"}], VersionName="v1")
    answer = school.comprehend.describe_entity_recognizer(EntityRecognizerArn=arn)["EntityRecognizerProperties"]
    assert answer["VersionName"] == "v1"
    assert answer["SubmitTime"] <= answer["TrainingStartTime"] <= answer["TrainingEndTime"] <= answer["EndTime"]
    assert school.comprehend.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "streets"}]
    metadata = answer["RecognizerMetadata"]
    assert (metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (200, 60)
    endpoint = school.desk.endpoint(arn)
    found = [set(school.found(endpoint, text)) for text, _ in testing]
    for kind, told in [
        (None, metadata["EvaluationMetrics"]),
        *((one["Type"], one["EvaluationMetrics"]) for one in metadata["EntityTypes"]),
    ]:
        pairs = [
            ({one for one in seen if kind in {None, one[2]}}, {one for one in places if kind in {None, one[2]}})
            for seen, (_, places) in zip(found, testing, strict=True)
        ]
        right = sum(len(seen & known) for seen, known in pairs)
        precision = share(right, sum(len(seen) for seen, _ in pairs))
        recall = share(right, sum(len(known) for _, known in pairs))
        assert told["Precision"] == pytest.approx(precision)
        assert told["Recall"] == pytest.approx(recall)
        assert told["F1Score"] == pytest.approx(2 * precision * recall / (precision + recall))
        assert 80 < told["F1Score"] < 98
    mentions = {one["Type"]: one["NumberOfTrainMentions"] for one in metadata["EntityTypes"]}
    assert mentions == {
        kind: sum(kind == one for _, places in training for _, _, one in places) for kind in ("STREET", "VEHICLE")
    }


def test_names_never_seen_are_found_at_their_offsets_and_other_labels_give_other_types(school: School) -> None:
    training = complaints(200)
    renamed = [
        (text, [(begin, end, {"STREET": "Calle mayor", "VEHICLE": "STREET"}[kind]) for begin, end, kind in places])
        for text, places in training
    ]
    types = {"EntityTypes": [{"Type": "Calle mayor"}]}
    one = school.desk.endpoint(school.trained(school.data(training)))
    other = school.desk.endpoint(school.trained(school.data(renamed) | types))
    for before in ("", "🛴 Señor: "):
        text = f"{before}There is a pothole on Quetzal Street near the school."
        begin = text.index("Quetzal")
        assert school.found(one, text) == [(begin, begin + 14, "STREET")]
        assert school.found(other, text) == [(begin, begin + 14, "Calle mayor")]
    assert school.found(one, "LM-77 was left on Texas Ave since monday") == [(0, 5, "VEHICLE"), (18, 27, "STREET")]
    assert school.found(other, "LM-77 was left on Texas Ave since monday") == [(18, 27, "Calle mayor")]


def test_an_entity_list_teaches_what_stands_around_its_entries(school: School) -> None:
    documents = complaints(200)
    listed = "\n".join(["Text,Type", *(f"{name} {end},STREET" for name in STREETS for end in ("Street", "Ave"))])
    folder = f"in/{uuid.uuid4().hex}"
    for n, part in enumerate((documents[:100], documents[100:])):
        school.desk.put(f"{folder}/docs/{n}.txt", lines_of(part))
    data = {
        "EntityTypes": [{"Type": "STREET"}],
        "Documents": {"S3Uri": f"s3://{school.desk.bucket}/{folder}/docs/"},
        "EntityList": {"S3Uri": school.desk.put(f"{folder}/list.csv", listed.encode())},
    }
    arn = school.trained(data)
    metadata = school.described(arn)["RecognizerMetadata"]
    assert (metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (180, 20)
    text = "There is a pothole on Quetzal Street near the school."
    assert school.found(school.desk.endpoint(arn), text) == [(22, 36, "STREET")]


def test_documents_may_be_files_and_an_augmented_manifest_teaches_too(school: School) -> None:
    documents = complaints(120)
    folder = f"in/{uuid.uuid4().hex}"
    together = [documents[n : n + 40] for n in range(0, 120, 40)]
    rows = ["File,Begin Offset,End Offset,Type"]
    for n, some in enumerate(together):
        school.desk.put(f"{folder}/docs/{n}.txt", lines_of(some))
        begin = 0
        for text, places in some:
            rows += [f"{n}.txt,{begin + first},{begin + after},{kind}" for first, after, kind in places]
            begin += len(text) + 1
    types = [{"Type": "STREET"}, {"Type": "VEHICLE"}]
    by_file = {
        "EntityTypes": types,
        "Documents": {"S3Uri": f"s3://{school.desk.bucket}/{folder}/docs/", "InputFormat": "ONE_DOC_PER_FILE"},
        "Annotations": {"S3Uri": school.desk.put(f"{folder}/a.csv", "\n".join(rows).encode())},
    }
    lines = [
        {
            "source": text,
            "job": {
                "annotations": {
                    "entities": [{"startOffset": begin, "endOffset": end, "label": kind} for begin, end, kind in places]
                }
            },
        }
        for text, places in documents
    ]
    lines[0]["source-ref"] = school.desk.put(f"{folder}/letter", str(lines[0].pop("source")).encode())
    manifest = school.desk.put(f"{folder}/a.manifest", "\n".join(map(json.dumps, lines)).encode())
    by_manifest = {
        "EntityTypes": types,
        "DataFormat": "AUGMENTED_MANIFEST",
        "AugmentedManifests": [{"S3Uri": manifest, "AttributeNames": ["job", "other"]}],
    }
    for data, trained in ((by_file, 3), (by_manifest, 108)):
        arn = school.trained(data)
        metadata = school.described(arn)["RecognizerMetadata"]
        assert metadata["NumberOfTrainedDocuments"] + (trained == 3) == trained
        found = school.found(school.desk.endpoint(arn), "LM-77 was left on Texas Ave since monday")
        assert found == [(0, 5, "VEHICLE"), (18, 27, "STREET")]


def test_a_job_finds_the_entities_of_a_recognizer_whatever_its_language_code_says(
    school: School, material: Any
) -> None:
    arn = school.trained(school.data(complaints(200)))
    documents = complaints(30, seed=5)
    folder = f"in/{uuid.uuid4().hex}/"
    school.desk.put(f"{folder}a.txt", lines_of(documents) + b"\n\n")
    request = {
        "InputDataConfig": {"S3Uri": f"s3://{school.desk.bucket}/{folder}"},
        "OutputDataConfig": {"S3Uri": f"s3://{school.desk.bucket}/out/jobs"},
        "DataAccessRoleArn": school.desk.role,
        "LanguageCode": "ja",
    }
    start = school.comprehend.start_entities_detection_job
    started = start(**request, EntityRecognizerArn=arn)
    assert started["EntityRecognizerArn"] == arn

    def ended() -> dict[str, Any] | None:
        answer = school.comprehend.describe_entities_detection_job(JobId=started["JobId"])
        found = answer["EntitiesDetectionJobProperties"]
        return found if found["JobStatus"] in {"COMPLETED", "FAILED"} else None

    job = school.desk.eventually(ended)
    assert job["JobStatus"] == "COMPLETED", job.get("Message")
    assert job["EntityRecognizerArn"] == arn
    output = material.unpacked(school.desk.get(job["OutputDataConfig"]["S3Uri"]))["output"]
    *lines, empty = (json.loads(line) for line in output.splitlines())
    assert empty["ErrorCode"] == "EMPTY_DOCUMENT"
    right = sum(
        {(one["BeginOffset"], one["EndOffset"], one["Type"]) for one in line["Entities"]} == set(places)
        for line, (_, places) in zip(lines, documents, strict=True)
    )
    assert right > 27
    assert refused(start, **request, EntityRecognizerArn=arn + "-other")[0] == "ResourceNotFoundException"
    assert refused(start, **request)[0] == "UnsupportedLanguageException"


def test_texts_at_an_endpoint_have_their_limits_and_plain_bytes_are_a_page(school: School) -> None:
    endpoint = school.desk.endpoint(school.trained(school.data(complaints(200))))
    detect = school.comprehend.detect_entities
    text = "LM-77 was left on Texas Ave since monday"
    page = detect(Bytes=text.encode(), EndpointArn=endpoint, LanguageCode="ja")
    assert page["Entities"] == detect(Text=text, EndpointArn=endpoint)["Entities"] != []
    assert page["DocumentMetadata"] == {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(text)}]}
    assert page["DocumentType"] == [{"Page": 1, "Type": "PLAIN_TEXT"}]
    assert refused(detect, EndpointArn=endpoint)[0] == "InvalidRequestException"
    assert refused(detect, Text="x", Bytes=b"x", EndpointArn=endpoint)[0] == "InvalidRequestException"
    assert refused(detect, Bytes=b"x", LanguageCode="en")[0] == "InvalidRequestException"
    assert refused(detect, Text="é" * 2501, EndpointArn=endpoint)[0] == "TextSizeLimitExceededException"
    assert refused(detect, Bytes=b"%PDF-1.7", EndpointArn=endpoint)[0] == "NotImplemented"
    assert refused(detect, Text="x", EndpointArn=endpoint + "-other")[0] == "ResourceUnavailableException"


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
