"""Custom classifiers, with boto3 over a real socket: really trained, tested, and asked."""

import csv
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

REQUESTS = Path(__file__).resolve().parents[4] / "shared/data/get_it_done_2021_requests_datasd.csv"


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_a_classifier_learns_what_its_documents_say_and_is_described_with_its_measures(
    desk: Any, material: Any
) -> None:
    arn = desk.trained(material.csv_of(material.complaints(30)), Tags=[{"Key": "team", "Value": "streets"}])
    found = desk.comprehend.describe_document_classifier(DocumentClassifierArn=arn)["DocumentClassifierProperties"]
    assert found["Mode"] == "MULTI_CLASS"
    assert (found["InputDataConfig"]["DataFormat"], found["OutputDataConfig"]) == ("COMPREHEND_CSV", {})
    assert found["SubmitTime"] <= found["TrainingStartTime"] <= found["TrainingEndTime"] <= found["EndTime"]
    metadata = found["ClassifierMetadata"]
    assert (metadata["NumberOfLabels"], metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (
        4,
        108,
        12,
    )
    measures = metadata["EvaluationMetrics"]
    assert measures["F1Score"] > 0.9
    assert measures["HammingLoss"] == pytest.approx(1 - measures["Accuracy"])
    assert desk.comprehend.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "streets"}]


def test_labels_that_are_swapped_in_the_data_swap_the_answers(desk: Any, material: Any) -> None:
    rows = material.complaints(20, ("POTHOLE", "GRAFFITI"))
    swapped = [({"POTHOLE": "GRAFFITI", "GRAFFITI": "POTHOLE"}[label], text) for label, text in rows]
    one = desk.endpoint(desk.trained(material.csv_of(rows)))
    other = desk.endpoint(desk.trained(material.csv_of(swapped)))
    for text, label, opposite in (
        ("a pothole in the asphalt", "POTHOLE", "GRAFFITI"),
        ("spray paint on the wall", "GRAFFITI", "POTHOLE"),
    ):
        assert desk.likeliest(one, text) == label
        assert desk.likeliest(other, text) == opposite


def test_the_output_is_an_archive_with_the_confusion_matrix_of_the_test(desk: Any, material: Any) -> None:
    testing = material.complaints(5, seed=2)
    wrong = [("LIGHT" if label == "DUMPING" and n % 2 else label, text) for n, (label, text) in enumerate(testing)]
    arn = desk.trained(
        material.csv_of(material.complaints(20)),
        InputDataConfig={"TestS3Uri": desk.put("in/test.csv", material.csv_of(wrong))},
        OutputDataConfig={"S3Uri": f"s3://{desk.bucket}/out/models"},
    )
    found = desk.described(arn)
    uri = found["OutputDataConfig"]["S3Uri"]
    assert uri.startswith(f"s3://{desk.bucket}/out/models/111122223333-CLR-")
    assert uri.endswith("/output/output.tar.gz")
    matrix = json.loads(material.unpacked(desk.get(uri))["output/confusion_matrix.json"])
    assert matrix["type"] == "multi_class"
    assert matrix["labels"] == matrix["all_labels"] == sorted(material.subjects)
    assert sum(map(sum, matrix["confusion_matrix"])) == found["ClassifierMetadata"]["NumberOfTestDocuments"] == 20
    light, dumping = matrix["labels"].index("LIGHT"), matrix["labels"].index("DUMPING")
    mislabelled = sum(label == "DUMPING" and n % 2 for n, (label, _) in enumerate(testing))
    assert matrix["confusion_matrix"][light][dumping] == mislabelled
    assert found["ClassifierMetadata"]["EvaluationMetrics"]["Accuracy"] == pytest.approx(1 - mislabelled / 20)


def test_documents_with_several_labels_are_found_to_have_several(desk: Any, material: Any) -> None:
    rows = material.complaints(20, ("POTHOLE", "GRAFFITI", "LIGHT"))
    both = zip(material.complaints(20, ("POTHOLE",), 2), material.complaints(20, ("LIGHT",), 3), strict=True)
    rows += [("POTHOLE~LIGHT", f"{one} {other}") for (_, one), (_, other) in both]
    arn = desk.trained(material.csv_of(rows), Mode="MULTI_LABEL", InputDataConfig={"LabelDelimiter": "~"})
    assert desk.described(arn)["ClassifierMetadata"]["NumberOfLabels"] == 3
    answer = desk.comprehend.classify_document(
        Text="a pothole in the asphalt, and the lamp is dark", EndpointArn=desk.endpoint(arn)
    )
    scores = {one["Name"]: one["Score"] for one in answer["Labels"]}
    assert set(scores) == {"POTHOLE", "GRAFFITI", "LIGHT"}
    assert min(scores["POTHOLE"], scores["LIGHT"]) > 0.5 > scores["GRAFFITI"]


def test_an_augmented_manifest_teaches_too_with_documents_inside_and_beside_it(desk: Any, material: Any) -> None:
    lines: list[dict[str, Any]] = []
    for n, (label, text) in enumerate(material.complaints(15, ("POTHOLE", "GRAFFITI"))):
        source = {"source-ref": desk.put(f"in/letters/{n}", text.encode())} if n % 5 == 0 else {"source": text}
        lines.append({**source, "kind": 0, "kind-metadata": {"class-name": label}})
    manifest = "\n".join(json.dumps(line) for line in lines).encode()
    arn = desk.comprehend.create_document_classifier(
        DocumentClassifierName=f"c-{uuid.uuid4().hex[:8]}",
        DataAccessRoleArn=desk.role,
        LanguageCode="en",
        InputDataConfig={
            "DataFormat": "AUGMENTED_MANIFEST",
            "AugmentedManifests": [{"S3Uri": desk.put("in/a.manifest", manifest), "AttributeNames": ["kind"]}],
        },
    )["DocumentClassifierArn"]
    found = desk.described(arn)
    assert found["Status"] == "TRAINED", found.get("Message")
    assert found["ClassifierMetadata"]["NumberOfTrainedDocuments"] == 27
    assert desk.likeliest(desk.endpoint(arn), "spray paint and graffiti") == "GRAFFITI"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"POTHOLE,a hole\n" * 10, "1 unique labels"),
        (b"POTHOLE,a hole\n" * 10 + b"LIGHT,dark\n" * 9, "fewer than 10 documents"),
        (b"POTHOLE,a hole,and more\n", "3 columns"),
        (b"POTHOLE\n", "1 columns"),
        (b'POTHOLE,"a hole\n', "no CSV"),
        (b"POTHOLE,\xff\xfe\n", "not UTF-8"),
        (b"POTHOLE,\n", "no label or no text"),
    ],
)
def test_data_that_can_not_be_learned_from_ends_in_an_error_that_says_why(desk: Any, data: bytes, said: str) -> None:
    found = desk.described(desk.submit(data))
    assert found["Status"] == "IN_ERROR"
    assert said in found["Message"]
    assert "ClassifierMetadata" not in found


def test_a_role_that_may_not_read_or_write_or_is_not_trusted_ends_in_an_error(desk: Any, material: Any) -> None:
    data = material.csv_of(material.complaints(10, ("POTHOLE", "LIGHT")))
    blind = desk.described(desk.submit(data, DataAccessRoleArn=desk.new_role(read="elsewhere/*")))
    assert (blind["Status"], blind["Message"].partition(":")[0]) == ("IN_ERROR", "NO_READ_ACCESS_TO_INPUT")
    distrusted = desk.described(desk.submit(data, DataAccessRoleArn=desk.new_role("sns.amazonaws.com")))
    assert (distrusted["Status"], distrusted["Message"].partition(":")[0]) == ("IN_ERROR", "NO_READ_ACCESS_TO_INPUT")
    elsewhere = {"S3Uri": f"s3://{desk.bucket}/elsewhere"}
    mute = desk.described(desk.submit(data, OutputDataConfig=elsewhere))
    assert (mute["Status"], mute["Message"].partition(":")[0]) == ("IN_ERROR", "NO_WRITE_ACCESS_TO_OUTPUT")


def test_who_may_not_pass_the_role_creates_no_classifier(desk: Any, material: Any) -> None:
    user = f"user-{uuid.uuid4().hex[:8]}"
    desk.iam.create_user(UserName=user)
    policy = {"Effect": "Allow", "Action": "comprehend:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": policy})
    desk.iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    key = desk.iam.create_access_key(UserName=user)["AccessKey"]
    request = {
        "DocumentClassifierName": "c",
        "DataAccessRoleArn": desk.role,
        "InputDataConfig": {"S3Uri": f"s3://{desk.bucket}/in/x.csv"},
        "LanguageCode": "en",
    }
    code, message = refused(desk.client("comprehend", key).create_document_classifier, **request)
    assert code == "AccessDeniedException"
    assert "iam:PassRole" in message


def test_the_same_request_with_the_same_token_makes_one_classifier_and_another_is_refused(
    desk: Any, material: Any
) -> None:
    request = {
        "DocumentClassifierName": f"c-{uuid.uuid4().hex[:8]}",
        "DataAccessRoleArn": desk.role,
        "InputDataConfig": {"S3Uri": desk.put("in/x.csv", material.csv_of(material.complaints(10)))},
        "LanguageCode": "en",
        "ClientRequestToken": uuid.uuid4().hex,
    }
    create = desk.comprehend.create_document_classifier
    assert create(**request)["DocumentClassifierArn"] == create(**request)["DocumentClassifierArn"]
    assert refused(create, **(request | {"LanguageCode": "es"}))[0] == "InvalidRequestException"
    assert refused(create, **(request | {"ClientRequestToken": "another"}))[0] == "ResourceInUseException"


def test_versions_of_a_name_are_listed_and_summarised(desk: Any) -> None:
    name = f"c-{uuid.uuid4().hex[:8]}"
    arns = [desk.submit(b"x,y\n", name=name, VersionName=f"v{n}") for n in range(3)]
    assert arns[1].endswith(f"document-classifier/{name}/version/v1")
    for arn in arns:
        desk.described(arn)
    filtered = {"Filter": {"DocumentClassifierName": name}, "MaxResults": 2}
    first = desk.comprehend.list_document_classifiers(**filtered)
    second = desk.comprehend.list_document_classifiers(**filtered, NextToken=first["NextToken"])
    listed = first["DocumentClassifierPropertiesList"] + second["DocumentClassifierPropertiesList"]
    assert [one["DocumentClassifierArn"] for one in listed] == arns[::-1]
    assert "NextToken" not in second
    ended = {"Filter": {"Status": "IN_ERROR"}}
    all_ended = desk.comprehend.list_document_classifiers(**ended)["DocumentClassifierPropertiesList"]
    assert set(arns) <= {one["DocumentClassifierArn"] for one in all_ended}
    pages = desk.comprehend.list_document_classifier_summaries(MaxResults=500)["DocumentClassifierSummariesList"]
    summary = next(one for one in pages if one["DocumentClassifierName"] == name)
    assert (summary["NumberOfVersions"], summary["LatestVersionName"]) == (3, "v2")
    code, _ = refused(
        desk.comprehend.list_document_classifiers, Filter={"DocumentClassifierName": name, "Status": "TRAINED"}
    )
    assert code == "InvalidFilterException"


def test_a_training_is_stopped(desk: Any, material: Any) -> None:
    busy = desk.submit(material.csv_of(material.complaints(1500)))
    arn = desk.submit(material.csv_of(material.complaints(1500)))
    for one in (arn, busy):
        desk.comprehend.stop_training_document_classifier(DocumentClassifierArn=one)
    for one in (arn, busy):
        assert desk.described(one)["Status"] == "STOPPED"


def test_a_deleted_classifier_is_gone_and_one_in_use_is_not_deleted(desk: Any, material: Any) -> None:
    arn = desk.trained(material.csv_of(material.complaints(10)))
    endpoint = desk.endpoint(arn)
    delete = desk.comprehend.delete_document_classifier
    assert refused(delete, DocumentClassifierArn=arn)[0] == "ResourceInUseException"
    desk.comprehend.delete_endpoint(EndpointArn=endpoint)

    def gone(call: Any, **request: Any) -> bool:
        try:
            call(**request)
        except desk.comprehend.exceptions.ResourceNotFoundException:
            return True
        return False

    desk.eventually(lambda: gone(desk.comprehend.describe_endpoint, EndpointArn=endpoint))
    delete(DocumentClassifierArn=arn)
    desk.eventually(lambda: gone(desk.comprehend.describe_document_classifier, DocumentClassifierArn=arn))
    assert gone(delete, DocumentClassifierArn=arn)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"LanguageCode": "ja"}, "UnsupportedLanguageException"),
        ({"InputDataConfig": {"DataFormat": "AUGMENTED_MANIFEST"}}, "InvalidRequestException"),
        ({"InputDataConfig": {}}, "InvalidRequestException"),
        ({"InputDataConfig": {"S3Uri": "s3://letters/a", "LabelDelimiter": "~"}}, "InvalidRequestException"),
        ({"Tags": [{"Key": f"k{n}"} for n in range(51)]}, "TooManyTagsException"),
        ({"VolumeKmsKeyId": "alias/x"}, "NotImplemented"),
        ({"ModelPolicy": "{}"}, "InvalidRequestException"),
    ],
)
def test_requests_that_can_not_be_are_refused(desk: Any, changed: dict[str, Any], code: str) -> None:
    request: dict[str, Any] = {
        "DocumentClassifierName": "c-never",
        "DataAccessRoleArn": desk.role,
        "InputDataConfig": {"S3Uri": f"s3://{desk.bucket}/in/x.csv"},
        "LanguageCode": "en",
    }
    assert refused(desk.comprehend.create_document_classifier, **(request | changed))[0] == code


def test_tags_decide_who_may_describe_a_classifier(desk: Any) -> None:
    tagged = desk.submit(b"x,y\n", Tags=[{"Key": "team", "Value": "streets"}])
    other = desk.submit(b"x,y\n")
    user = f"user-{uuid.uuid4().hex[:8]}"
    desk.iam.create_user(UserName=user)
    allowed = {
        "Effect": "Allow",
        "Action": "comprehend:DescribeDocumentClassifier",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "streets"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    desk.iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    theirs = desk.client("comprehend", desk.iam.create_access_key(UserName=user)["AccessKey"])
    assert theirs.describe_document_classifier(DocumentClassifierArn=tagged)
    assert refused(theirs.describe_document_classifier, DocumentClassifierArn=other)[0] == "AccessDeniedException"
    untag = desk.comprehend.untag_resource
    many = ["team", *(f"k{number}" for number in range(50))]
    assert refused(untag, ResourceArn=tagged, TagKeys=many)[0] == "TooManyTagKeysException"
    untag(ResourceArn=tagged, TagKeys=many[:50])
    assert refused(theirs.describe_document_classifier, DocumentClassifierArn=tagged)[0] == "AccessDeniedException"


@pytest.mark.skipif(not REQUESTS.exists(), reason="San Diego's requests are not at ../shared")
def test_five_hundred_of_san_diegos_requests_are_classified_as_well_as_by_scikit_learn(
    desk: Any, material: Any
) -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text", reason="scikit-learn is not installed")
    linear, metrics = pytest.importorskip("sklearn.linear_model"), pytest.importorskip("sklearn.metrics")
    with REQUESTS.open(encoding="utf-8") as file:
        known = [(row["service_name"], row["public_description"]) for row in csv.DictReader(file)]
    known = [(label, said) for label, said in known if label and said.strip()][:4000]
    labels = sorted({label for label, _ in known}, key=lambda label: -sum(label == one for one, _ in known))[:8]
    rows = [row for row in known if row[0] in labels][:500]
    labels = [label for label in labels if sum(label == one for one, _ in rows) >= 20]
    rows = [row for row in rows if row[0] in labels]
    training, testing = [row for n, row in enumerate(rows) if n % 4], rows[::4]
    arn = desk.trained(
        material.csv_of(training),
        InputDataConfig={"TestS3Uri": desk.put("in/test.csv", material.csv_of(testing))},
    )
    ours = desk.described(arn)["ClassifierMetadata"]["EvaluationMetrics"]["F1Score"]
    words = text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    features = words.fit_transform([said for _, said in training])
    model = linear.LogisticRegression(C=10, max_iter=1000).fit(features, [label for label, _ in training])
    predicted = model.predict(words.transform([said for _, said in testing]))
    theirs = metrics.f1_score([label for label, _ in testing], predicted, average="macro")
    assert ours > theirs - 0.05, (ours, theirs)
