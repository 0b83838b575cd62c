"""Custom entity recognizers, with boto3 over a real socket: really trained, tested, and asked."""

import json
import uuid
from typing import Any

import pytest

from .recognizer_school import STREETS, School, complaints, lines_of, refused


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
