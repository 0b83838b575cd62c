"""What the cloud lacks answers 501 in the shape of the service that was asked, naming service and operation."""

import pytest
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
    ("s3", "get_bucket_website", {"Bucket": "some-bucket"}, "s3.GetBucketWebsite"),
    ("iam", "list_roles", {}, "iam.ListRoles"),
    ("sts", "get_session_token", {}, "sts.GetSessionToken"),
    ("sns", "list_platform_applications", {}, "sns.ListPlatformApplications"),
    ("rekognition", "list_collections", {}, "rekognition.ListCollections"),
    ("comprehend", "list_endpoints", {}, "comprehend.ListEndpoints"),
    ("translate", "list_terminologies", {}, "translate.ListTerminologies"),
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
