"""Translation jobs on a whole cloud: by boto3, in S3, as a role."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
Eventually = Callable[[Callable[[], Any]], Any]
SERVICE = "translate.amazonaws.com"


def role(client: Client, service: str, *statements: dict[str, Any]) -> str:
    """A new role that trusts a service, and what it may."""
    iam, name = client("iam"), f"role-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    return arn


def reads_and_writes(bucket: str) -> tuple[dict[str, Any], dict[str, Any]]:
    objects = f"arn:aws:s3:::{bucket}"
    return (
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": [objects, f"{objects}/in/*"]},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{objects}/out/*"},
    )


def start(client: Client, bucket: str, role_arn: str) -> str:
    return client("translate").start_text_translation_job(
        JobName="notes",
        InputDataConfig={"S3Uri": f"s3://{bucket}/in", "ContentType": "text/html"},
        OutputDataConfig={"S3Uri": f"s3://{bucket}/out/"},
        DataAccessRoleArn=role_arn,
        SourceLanguageCode="en",
        TargetLanguageCodes=["en"],
        Settings={"Profanity": "MASK"},
    )["JobId"]


def ended(client: Client, job: str, eventually: Eventually) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = client("translate").describe_text_translation_job(JobId=job)["TextTranslationJobProperties"]
        return found if "EndTime" in found else None

    return eventually(look)


def test_a_job_reads_and_writes_as_its_role(client: Client, bucket: str, eventually: Eventually) -> None:
    s3 = client("s3")
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=f"in/sub/{number}.html", Body=b"<p>What the <b>fuck</b> is %d?</p>" % number)
    job = start(client, bucket, role(client, SERVICE, *reads_and_writes(bucket)))
    found = ended(client, job, eventually)
    assert (found["JobStatus"], found["JobDetails"]["TranslatedDocumentsCount"]) == ("COMPLETED", 3)
    folder = f"out/111122223333-TranslateText-{job}"
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]]
    assert keys == [
        f"{folder}/details/en.auxiliary-translation-details.json",
        *(f"{folder}/sub/en.{number}.html" for number in range(3)),
    ]
    for number, key in enumerate(keys[1:]):
        written = s3.get_object(Bucket=bucket, Key=key)
        assert written["Body"].read() == b"<p>What the <b>?$#@$</b> is %d?</p>" % number
        assert written["ContentType"] == "text/html"
    listed = client("translate").list_text_translation_jobs(Filter={"JobName": "notes"})
    assert job in [one["JobId"] for one in listed["TextTranslationJobPropertiesList"]]


@pytest.mark.parametrize("lacking", ["trust", "read", "write"])
def test_a_role_that_does_not_suffice_fails_the_job(
    client: Client, bucket: str, eventually: Eventually, lacking: str
) -> None:
    client("s3").put_object(Bucket=bucket, Key="in/a.html", Body=b"<p>dog</p>")
    reads, writes = reads_and_writes(bucket)
    allowed = {"trust": (reads, writes), "read": (writes,), "write": (reads,)}[lacking]
    service = "comprehend.amazonaws.com" if lacking == "trust" else SERVICE
    found = ended(client, start(client, bucket, role(client, service, *allowed)), eventually)
    assert found["JobStatus"] == "FAILED"
    assert "authorized" in found["Message"]


def test_who_may_not_pass_the_role_starts_no_job(client: Client, bucket: str) -> None:
    iam, name = client("iam"), f"user-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    allowed = {"Effect": "Allow", "Action": "translate:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    arn = role(client, SERVICE)
    with pytest.raises(ClientError, match="iam:PassRole"):
        start(lambda service: client(service, key), bucket, arn)
