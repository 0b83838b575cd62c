"""A cloud in which there is something of everything, and a user who wants something of it."""

import json
import uuid
from contextlib import suppress
from typing import Any, cast

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud

ACCOUNT = "111122223333"
FOR_ONESELF = {f"{verb}AccessKey" for verb in ("Create", "Update", "Delete")} | {
    "GetUser",
    "ListAccessKeys",
    "CreateLoginProfile",
    "GetLoginProfile",
    "DeleteLoginProfile",
}
"""Operations of IAM that are about the caller where no user is named."""
NAME = "a" * 8
"""What everything is called that a request names."""


def _value(shape: Any, name: str, known: dict[str, str]) -> Any:
    """The plainest value that the model takes."""
    kind = shape.type_name
    if kind == "structure":
        return {m: _value(s, m, known) for m, s in shape.members.items() if m in shape.required_members}
    if kind == "list":
        return [_value(shape.member, name, known)]
    if kind == "map":
        return {"a": _value(shape.value, name, known)}
    if kind == "string":
        if name in known:
            return known[name]
        return shape.enum[0] if shape.enum else NAME[: shape.metadata.get("max", len(NAME))]
    return {"blob": b"x", "boolean": True, "timestamp": 0, "float": 1.0, "double": 1.0}.get(kind, 1)


class World:
    """Things that exist, and a user who wants something of them."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._made: dict[Any, Any] = {}
        self._iam = self._client("iam")
        self._user = f"user-{uuid.uuid4().hex[:8]}"
        self._iam.create_user(UserName=self._user)
        self._key = self._iam.create_access_key(UserName=self._user)["AccessKey"]

    def _client(self, service: str, who: str = "root") -> Any:
        """A client of the root user, of the user without policies, or of nobody (`root`, `user`, `nobody`)."""
        if (service, who) not in self._made:
            arguments = self._cloud.client_arguments()
            if who == "user":
                arguments["aws_access_key_id"] = self._key["AccessKeyId"]
                arguments["aws_secret_access_key"] = self._key["SecretAccessKey"]
            settings = Config(signature_version=UNSIGNED) if who == "nobody" else Config()
            if service == "s3control":
                # Its client puts the account before the endpoint's name, which resolves nowhere here.
                settings = settings.merge(Config(proxies={"http": self._cloud.endpoint_url}))
            arguments["config"] = settings
            self._made[service, who] = boto3.client(cast("Any", service), **arguments)
        return self._made[service, who]

    def close(self) -> None:
        """Close the connections."""
        for client in self._made.values():
            client.close()

    def allow(self, *actions: str, on: str | list[str] = "*") -> None:
        """Let the user do these actions, and nothing else."""
        statement = {"Effect": "Allow", "Action": list(actions) or "none:None", "Resource": on}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        self._iam.put_user_policy(UserName=self._user, PolicyName="p", PolicyDocument=document)

    def ask(self, service: str, name: str, who: str = "user") -> set[str]:
        """The codes by which an operation on things made for it is refused, or `{"done"}`."""
        api = self._client(service, who)
        model = api.meta.service_model.operation_model(name)
        things = {
            "s3": self._bucket,
            "s3control": self._account,
            "iam": self._iam_user,
            "sns": self._topic,
            "sts": self._sts,
            "translate": self._terminology,
            "rekognition": self._project,
            "comprehend": self._comprehend,
        }
        known = things.get(service, dict[str, str])()
        request = _value(model.input_shape, "", known) if model.input_shape else {}
        if name == "CreateBucket":
            request["Bucket"] = f"denied-{uuid.uuid4().hex}"
        elif name == "Publish":
            request["TopicArn"] = known["TopicArn"]
        elif service == "iam" and name in {"CreateUser", "CreatePolicy", "CreateGroup", "CreateRole"}:
            request[f"{name[6:]}Name"] = f"new-{uuid.uuid4().hex[:8]}"
        elif name == "DistributeDatasetEntries":
            request["Datasets"] = [{"Arn": known["DatasetArn"]}, {"Arn": known["DatasetArn"]}]
        elif name in FOR_ONESELF:
            request |= {"UserName": NAME}
        elif name == "CreateInstanceProfile":
            request["InstanceProfileName"] = f"new-{uuid.uuid4().hex[:8]}"
        elif name == "PutPublicAccessBlock":
            request["PublicAccessBlockConfiguration"] = {"BlockPublicAcls": False}
        elif name == "UpdateAssumeRolePolicy":
            request["PolicyDocument"] = known["AssumeRolePolicyDocument"]
        method = next(m for m, o in api.meta.method_to_api_mapping.items() if o == name)
        try:
            answer = getattr(api, method)(**request)
        except ClientError as refused:
            return {refused.response["Error"]["Code"]}
        return (
            {error["Code"] for error in answer["Errors"]}
            if name == "DeleteObjects" and "Errors" in answer
            else {"done"}
        )

    def _bucket(self) -> dict[str, str]:
        s3, bucket = self._client("s3"), f"bucket-{uuid.uuid4().hex[:20]}"
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=NAME, Body=b"x")
        upload = s3.create_multipart_upload(Bucket=bucket, Key=NAME)["UploadId"]
        denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/no"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": denied})
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={})
        return {"Bucket": bucket, "CopySource": f"{bucket}/{NAME}", "UploadId": upload, "Policy": policy}

    def _project(self) -> dict[str, str]:
        api, name = self._client("rekognition"), f"project-{uuid.uuid4().hex[:8]}"
        project = api.create_project(ProjectName=name)["ProjectArn"]
        dataset = api.create_dataset(ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
        bucket = self._bucket()["Bucket"]
        version = api.create_project_version(
            ProjectArn=project, VersionName="empty", OutputConfig={"S3Bucket": bucket}
        )["ProjectVersionArn"]
        return {
            "ProjectName": f"{name}-2",
            "ProjectArn": project,
            "DatasetArn": dataset,
            "DatasetType": "TEST",
            "ProjectVersionArn": version,
            "SourceProjectArn": project,
            "SourceProjectVersionArn": version,
            "DestinationProjectArn": project,
            "PolicyDocument": "{}",
            "ResourceArn": project,
            "JobId": "f" * 64,
            "FaceId": "00000000-0000-0000-0000-000000000000",
            "FaceIds": "00000000-0000-0000-0000-000000000000",
        }

    def _account(self) -> dict[str, str]:
        return {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{self._bucket()['Bucket']}"}

    def _iam_user(self) -> dict[str, str]:
        policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
        try:
            self._iam.create_user(UserName=NAME)
        except self._iam.exceptions.EntityAlreadyExistsException:
            for key in self._iam.list_access_keys(UserName=NAME)["AccessKeyMetadata"]:
                self._iam.delete_access_key(UserName=NAME, AccessKeyId=key["AccessKeyId"])
        self._iam.put_user_policy(UserName=NAME, PolicyName=NAME, PolicyDocument=policy)
        key = self._iam.create_access_key(UserName=NAME)["AccessKey"]
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_policy(PolicyName=NAME, PolicyDocument=policy)
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_group(GroupName=NAME)
        trust = self._role()
        return {
            "UserName": NAME,
            "AccessKeyId": key["AccessKeyId"],
            "PolicyDocument": policy,
            "RoleName": NAME,
            "AssumeRolePolicyDocument": trust,
            "InstanceProfileName": NAME,
            "OpenIDConnectProviderArn": self._issuer(),
            "ThumbprintList": "a" * 40,
            "Url": f"https://{uuid.uuid4().hex}.example",
            "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}",
            "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}",
            "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:user/{NAME}",
            "PolicyInputList": policy,
            "VersionId": "v1",
            "ActionNames": "s3:GetObject",
        }

    def _issuer(self) -> str:
        """A provider of tokens."""
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_open_id_connect_provider(Url="https://issuer.example")
        return f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example"

    def _role(self) -> str:
        """A role that the account may assume; its trust policy."""
        trusts = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": trusts})
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=trust)
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_instance_profile(InstanceProfileName=NAME)
        return trust

    def _sts(self) -> dict[str, str]:
        self._role()
        return {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}", "AccessKeyId": self._key["AccessKeyId"]}

    def _terminology(self) -> dict[str, str]:
        translate = self._client("translate")
        data: Any = {"File": b"en,es\nscooter,patinete\n", "Format": "CSV"}
        translate.import_terminology(Name=NAME, MergeStrategy="OVERWRITE", TerminologyData=data)
        arn = translate.get_terminology(Name=NAME)["TerminologyProperties"]["Arn"]
        role = f"arn:aws:iam::{ACCOUNT}:role/{NAME}"
        return {"ResourceArn": arn, "ContentType": "text/plain", "DataAccessRoleArn": role, "S3Uri": "s3://bucket/k"}

    def _comprehend(self) -> dict[str, str]:
        arn = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier"
        return {
            "DataAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}",
            "DocumentClassifierArn": f"{arn}/{NAME}",
            "EndpointArn": f"{arn}-endpoint/{NAME}",
            "EntityRecognizerArn": f"{arn.replace('document-classifier', 'entity-recognizer')}/{NAME}",
            "ResourceArn": f"{arn}/{NAME}",
            "SourceModelArn": f"{arn}/{NAME}",
            "S3Uri": f"s3://{NAME}/{NAME}",
            "Mode": "ONLY_OFFSETS",
        }

    def _topic(self) -> dict[str, str]:
        sns = self._client("sns")
        topic = sns.create_topic(Name=NAME)["TopicArn"]
        subscription = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+13125550123")["SubscriptionArn"]
        return {
            "TopicArn": topic,
            "ResourceArn": topic,
            "SubscriptionArn": subscription,
            "Protocol": "sms",
            "Endpoint": "+13125550124",
            "phoneNumber": "+13125550124",
        }
