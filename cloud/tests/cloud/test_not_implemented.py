"""What the cloud lacks answers 501 in the shape of the service that was asked, naming service and operation."""

import pytest
import requests
from botocore.exceptions import ClientError

LACKING = [
    ("ec2", "describe_instances", {}, "ec2.DescribeInstances"),
    ("rds", "describe_db_instances", {}, "rds.DescribeDBInstances"),
    ("lambda", "list_functions", {}, "lambda.ListFunctions"),
    ("dynamodb", "list_tables", {}, "dynamodb.ListTables"),
    ("sqs", "list_queues", {}, "sqs.ListQueues"),
    ("cloudwatch", "list_metrics", {}, "cloudwatch.ListMetrics"),
    ("cloudfront", "list_distributions", {}, "cloudfront.ListDistributions"),
    ("route53", "list_hosted_zones", {}, "route53.ListHostedZones"),
    ("s3", "get_bucket_metadata_configuration", {"Bucket": "some-bucket"}, "s3.GetBucketMetadataConfiguration"),
    ("s3control", "list_jobs", {"AccountId": "111122223333"}, "s3control.ListJobs"),
    ("iam", "list_virtual_mfa_devices", {}, "iam.ListVirtualMFADevices"),
    ("sts", "get_web_identity_token", {"Audience": ["a"], "SigningAlgorithm": "RS256"}, "sts.GetWebIdentityToken"),
    ("sns", "list_platform_applications", {}, "sns.ListPlatformApplications"),
    ("rekognition", "list_stream_processors", {}, "rekognition.ListStreamProcessors"),
    ("comprehend", "list_flywheels", {}, "comprehend.ListFlywheels"),
    ("translate", "list_parallel_data", {}, "translate.ListParallelData"),
]


@pytest.mark.parametrize(("service", "method", "request_", "named"), LACKING, ids=[case[0] for case in LACKING])
def test_an_operation_that_is_lacking_answers_501_in_its_own_protocol(client, service, method, request_, named):
    with pytest.raises(ClientError) as refused:
        getattr(client(service), method)(**request_)
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert named in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_who_is_not_known_is_not_told_what_is_lacking(client):
    stranger = client("ec2", {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "SecretAccessKey": "x" * 40})
    with pytest.raises(ClientError) as refused:
        stranger.describe_instances()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 401, 403}


@pytest.mark.parametrize(
    "host",
    [
        "myap-111122223333.s3-accesspoint.us-east-1.amazonaws.com",
        "myol-111122223333.s3-object-lambda.us-east-1.amazonaws.com",
        "op-01.s3-outposts.us-east-1.amazonaws.com",
        "x.mrap.accesspoint.s3-global.amazonaws.com",
    ],
)
def test_an_address_of_s3_that_is_lacking_is_not_taken_for_a_bucket(cloud, client, bucket, host):
    client("s3").put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    put = requests.put(f"{cloud.endpoint_url}/{bucket}/stray", data=b"x", headers={"Host": host}, timeout=10)
    assert put.status_code in {403, 501}  # 403 where the host is another service's, which wants a signature
    assert "Contents" not in client("s3").list_objects_v2(Bucket=bucket)


def test_a_directory_bucket_is_lacking_and_no_bucket_of_that_name_is_made(client):
    s3, name = client("s3"), "streets--use1-az4--x-s3"
    where = {"Type": "AvailabilityZone", "Name": "use1-az4"}
    kind = {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}
    asked = [
        lambda: s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Location": where, "Bucket": kind}),
        lambda: s3.list_objects_v2(Bucket=name),
        lambda: s3.put_object(Bucket=name, Key="k", Body=b"x"),
        s3.list_directory_buckets,
    ]
    for ask in asked:
        with pytest.raises(ClientError) as refused:
            ask()
        assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert name not in [one["Name"] for one in s3.list_buckets()["Buckets"]]
