from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from getitdone.aws import Aws, domain_errors, error_from
from getitdone.config import AwsSettings
from getitdone.errors import (
    AccessRefused,
    CloudError,
    ConditionFailed,
    FinalError,
    InvalidInput,
    NameTaken,
    NotFound,
    NotOffered,
    RetryableError,
    SettingsError,
    Throttled,
    Unavailable,
    Unreachable,
)
from getitdone.meter import Meter
from getitdone.objects import Objects
from getitdone.topics import Topics
from getitdone.triage.services import AwsReaders


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    return Aws(AwsSettings(region="us-east-1", max_attempts=3))


@pytest.mark.parametrize(
    ("code", "status", "kind", "maybe_done"),
    [
        ("ThrottlingException", 400, Throttled, False),
        ("SlowDown", 503, Throttled, False),
        ("InternalError", 500, Unavailable, True),
        ("ServiceUnavailable", 503, Unavailable, True),
        ("500", 500, Unavailable, True),
        ("AccessDenied", 403, AccessRefused, False),
        ("InvalidClientTokenId", 403, AccessRefused, False),
        ("NoSuchKey", 404, NotFound, False),
        ("404", 404, NotFound, False),
        ("BucketAlreadyExists", 409, NameTaken, False),
        ("PreconditionFailed", 412, ConditionFailed, False),
        ("ConditionalRequestConflict", 409, ConditionFailed, False),
        ("UnsupportedLanguageException", 400, NotOffered, False),
        ("UnsupportedLanguagePairException", 400, NotOffered, False),
        ("NotImplemented", 501, NotOffered, False),
        ("SomethingElse", 501, NotOffered, False),
        ("ValidationException", 400, InvalidInput, False),
        ("InvalidParameter", 400, InvalidInput, False),
        ("NeverHeardOf", 400, FinalError, False),
    ],
)
def test_every_code_becomes_one_of_our_errors(code: str, status: int, kind: type[CloudError], maybe_done: bool) -> None:
    response = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = error_from(response, "Publish")
    assert type(error) is kind
    assert error.maybe_done is maybe_done
    assert str(error) == f"Publish: m ({code})"
    assert error.exit_code == (75 if issubclass(kind, RetryableError) else 1)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), Unreachable),
        (ConnectTimeoutError(endpoint_url="http://x"), Unreachable),
        (ReadTimeoutError(endpoint_url="http://x"), Unavailable),
        (NoCredentialsError(), AccessRefused),
    ],
)
def test_what_never_reached_the_cloud_is_told_from_what_may_have(raised: Exception, kind: type[CloudError]) -> None:
    with pytest.raises(kind) as caught, domain_errors():
        raise raised
    assert caught.value.maybe_done is (kind is Unavailable)


def test_a_profile_that_does_not_exist_is_a_setting_to_mend() -> None:
    with pytest.raises(SettingsError, match="nobody"):
        Aws(AwsSettings(profile="nobody"))


def test_addresses_are_path_style_everywhere_but_on_aws(aws: Aws) -> None:
    assert aws.on_aws
    assert (
        Objects(aws, Meter()).public_link("gid-reports", "a b/index.html")
        == "https://gid-reports.s3.amazonaws.com/a%20b/index.html"
    )
    local = Objects(Aws(AwsSettings(region="us-east-1", endpoint_url="http://localhost:4566")), Meter())
    assert local.public_link("gid-reports", "index.html") == "http://localhost:4566/gid-reports/index.html"
    private = local.private_link("gid-requests", "x.html", 60)
    assert private.startswith("http://localhost:4566/gid-requests/x.html?X-Amz-Algorithm=AWS4-HMAC-SHA256")


def attempts(client: Any) -> int:
    return client.meta.config.retries["total_max_attempts"]


def test_a_publish_is_never_sent_again_by_the_sdk(aws: Aws) -> None:
    assert attempts(aws.sns_once) == 1
    assert attempts(aws.sns) == 3


def published(aws: Aws, *answers: Any) -> tuple[Topics, Stubber, list[float], Meter]:
    stub = Stubber(aws.sns_once)
    for answer in answers:
        if isinstance(answer, str):
            stub.add_client_error("publish", answer, http_status_code=500 if answer.startswith("Internal") else 400)
        else:
            stub.add_response("publish", answer, {"TopicArn": "arn:x", "Subject": "Hi there", "Message": "text"})
    stub.activate()
    pauses: list[float] = []
    meter = Meter()
    return Topics(aws, meter, pause=pauses.append), stub, pauses, meter


def test_a_throttled_publish_is_tried_again_since_it_was_not_sent(aws: Aws) -> None:
    topics, stub, pauses, meter = published(aws, "Throttled", {"MessageId": "m-1"})
    assert topics.publish("arn:x", subject="Hi\nthere", text="text") == "m-1"
    assert (len(pauses), meter.counts()["sns.publish"]) == (1, 2)
    stub.assert_no_pending_responses()


def test_a_publish_without_an_answer_is_not_tried_again(aws: Aws) -> None:
    topics, _, pauses, _ = published(aws, "InternalError")
    with pytest.raises(Unavailable):
        topics.publish("arn:x", subject="Hi", text="text")
    assert pauses == []


def test_a_publish_that_stays_throttled_is_given_up(aws: Aws) -> None:
    topics, _, pauses, _ = published(aws, "Throttled", "Throttled", "Throttled")
    with pytest.raises(Throttled):
        topics.publish("arn:x", subject="Hi", text="text")
    assert len(pauses) == 2


def test_subscriptions_are_listed_over_all_pages(aws: Aws) -> None:
    def entry(number: int, arn: str) -> dict[str, str]:
        return {
            "SubscriptionArn": arn,
            "Protocol": "email",
            "Endpoint": f"{number}@example.com",
            "Owner": "1",
            "TopicArn": "arn:x",
        }

    with Stubber(aws.sns) as stub:
        stub.add_response(
            "list_subscriptions_by_topic",
            {"Subscriptions": [entry(1, "arn:aws:sns:::x:1")], "NextToken": "n"},
            {"TopicArn": "arn:x"},
        )
        stub.add_response(
            "list_subscriptions_by_topic",
            {"Subscriptions": [entry(2, "PendingConfirmation")]},
            {"TopicArn": "arn:x", "NextToken": "n"},
        )
        found = Topics(aws, Meter()).subscriptions("arn:x")
    assert [(one.endpoint, one.pending) for one in found] == [("1@example.com", False), ("2@example.com", True)]


def readers(aws: Aws, meter: Meter) -> AwsReaders:
    return AwsReaders(aws, meter, images="gid-images", max_labels=5, min_confidence=60)


def test_the_surest_language_is_taken_and_paid_in_units(aws: Aws) -> None:
    meter = Meter()
    with Stubber(aws.comprehend) as stub:
        languages = [{"LanguageCode": "pt", "Score": 0.3}, {"LanguageCode": "es", "Score": 0.7}]
        stub.add_response("detect_dominant_language", {"Languages": languages}, {"Text": "x" * 301})
        stub.add_response("detect_dominant_language", {"Languages": []}, {"Text": "?"})
        stub.add_client_error("detect_dominant_language", "ThrottlingException")
        assert readers(aws, meter).language("x" * 301) == ("es", 0.7)
        assert readers(aws, meter).language("?") == ("und", 0.0)
        with pytest.raises(Throttled):
            readers(aws, meter).language("not paid")
    assert meter.counts() == {"comprehend.units": 4 + 3}


def test_a_sentiment_comes_with_its_own_score(aws: Aws) -> None:
    score = {"Positive": 0.1, "Negative": 0.8, "Neutral": 0.05, "Mixed": 0.05}
    with Stubber(aws.comprehend) as stub:
        stub.add_response(
            "detect_sentiment",
            {"Sentiment": "NEGATIVE", "SentimentScore": score},
            {"Text": "bad", "LanguageCode": "en"},
        )
        assert readers(aws, Meter()).sentiment("bad", "en") == ("NEGATIVE", 0.8)


def test_a_translation_is_paid_by_the_character(aws: Aws) -> None:
    meter = Meter()
    with Stubber(aws.translate) as stub:
        answer = {"TranslatedText": "hello", "SourceLanguageCode": "es", "TargetLanguageCode": "en"}
        stub.add_response(
            "translate_text", answer, {"Text": "hola", "SourceLanguageCode": "es", "TargetLanguageCode": "en"}
        )
        assert readers(aws, meter).translate("hola", "es") == ("hello", "es")
        stub.add_client_error("translate_text", "UnsupportedLanguagePairException")
        with pytest.raises(NotOffered):
            readers(aws, meter).translate("hola", "es")
    assert meter.counts() == {"translate.characters": 4}


def test_photos_are_read_where_they_lie_and_the_models_are_named(aws: Aws) -> None:
    image = {"S3Object": {"Bucket": "gid-images", "Name": "a.jpg"}}
    with Stubber(aws.rekognition) as stub:
        labels = {"Labels": [{"Name": "Moped", "Confidence": 87.126}], "LabelModelVersion": "3.0"}
        stub.add_response("detect_labels", labels, {"Image": image, "MaxLabels": 5, "MinConfidence": 60})
        text = {
            "TextDetections": [{"Type": "LINE", "DetectedText": "NO PARKING"}, {"Type": "WORD", "DetectedText": "NO"}],
            "TextModelVersion": "3.1",
        }
        stub.add_response("detect_text", text, {"Image": image})
        stub.add_client_error("detect_labels", "InvalidS3ObjectException")
        seen = readers(aws, Meter()).labels("a.jpg")
        words = readers(aws, Meter()).words("a.jpg")
        with pytest.raises(NotFound):
            readers(aws, Meter()).labels("gone.jpg")
    assert ([(label.name, label.confidence) for label in seen.labels], seen.model) == ([("Moped", 87.13)], "3.0")
    assert (words.lines, words.model) == (("NO PARKING",), "3.1")


def test_a_bucket_is_made_in_its_region_and_only_where_it_is_missing(aws: Aws) -> None:
    abroad = Aws(AwsSettings(region="eu-central-1"))
    with Stubber(abroad.s3) as stub:
        stub.add_client_error("head_bucket", "404", http_status_code=404)
        stub.add_response(
            "create_bucket", {}, {"Bucket": "gid", "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
        )
        stub.add_response("head_bucket", {}, {"Bucket": "gid"})
        objects = Objects(abroad, Meter())
        assert objects.create("gid")
        assert not objects.create("gid")


def test_a_bucket_of_somebody_else_is_told(aws: Aws) -> None:
    with Stubber(aws.s3) as stub:
        stub.add_client_error("head_bucket", "404", http_status_code=404)
        stub.add_client_error("create_bucket", "BucketAlreadyExists", http_status_code=409)
        with pytest.raises(NameTaken):
            Objects(aws, Meter()).create("gid")


def test_conditional_writes_ask_for_what_was_read(aws: Aws) -> None:
    common = {"Bucket": "b", "Key": "k", "Body": b"{}", "ContentType": "application/json"}
    with Stubber(aws.s3) as stub:
        stub.add_response("put_object", {"ETag": '"1"'}, {**common, "IfNoneMatch": "*"})
        stub.add_response("put_object", {"ETag": '"2"'}, {**common, "IfMatch": '"1"'})
        stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        objects = Objects(aws, Meter())
        first = objects.put_if("b", "k", b"{}", content_type="application/json", etag=None)
        assert objects.put_if("b", "k", b"{}", content_type="application/json", etag=first) == "2"
        with pytest.raises(ConditionFailed):
            objects.put_if("b", "k", b"{}", content_type="application/json", etag=first)


def test_our_errors_keep_what_botocore_said() -> None:
    with pytest.raises(NotFound) as caught, domain_errors():
        raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "gone"}}, "GetObject")
    assert isinstance(caught.value.__cause__, ClientError)
