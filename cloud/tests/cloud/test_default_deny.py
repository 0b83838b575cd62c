"""Nobody may do anything that was not allowed: proven for every operation that the cloud serves."""

import importlib
import inspect
import pkgutil
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from marinelayer.model.service import load_service
from marinelayer.services.operation import NoPermission

SERVICES = ("s3", "iam", "sts", "sns", "rekognition", "comprehend", "translate")
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}
BY_TOKEN = {("sns", "ConfirmSubscription"), ("sts", "GetCallerIdentity")}
"""Operations that cannot be denied; their `NoPermission` says why."""


def _value(shape: Any, name: str, bucket: str) -> Any:
    """The plainest value that the model takes."""
    kind = shape.type_name
    if kind == "structure":
        return {m: _value(s, m, bucket) for m, s in shape.members.items() if m in shape.required_members}
    if kind == "list":
        return [_value(shape.member, name, bucket)]
    if kind == "map":
        return {"a": _value(shape.value, name, bucket)}
    if kind == "string":
        return _text(shape, name, bucket)
    return {"blob": b"x", "boolean": True, "timestamp": 0, "float": 1.0, "double": 1.0}.get(kind, 1)


def _text(shape, name, bucket):
    known = {
        "Bucket": bucket,
        "CopySource": f"{bucket}/k",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:denied",
        "SubscriptionArn": f"arn:aws:sns:us-east-1:111122223333:denied:{uuid.uuid4()}",
        "PolicyDocument": "{}",
        "Policy": "{}",
    }
    if name in known:
        return known[name]
    if shape.enum:
        return shape.enum[0]
    return "a" * min(max(8, shape.metadata.get("min", 1)), shape.metadata.get("max", 8))


def _refusals(method, request):
    """The codes of the refusals: of the request, or of each of its items. Something that was allowed is one too."""
    try:
        answer = method(**request)
    except ClientError as refused:
        return {refused.response["Error"]["Code"]}
    if answer.get("Deleted") == [] or ("Deleted" not in answer and answer.get("Errors")):
        return {error["Code"] for error in answer["Errors"]}
    return {"allowed"}


@pytest.fixture(scope="module")
def stranger(cloud):
    """The key of a user without any policy."""
    iam = boto3.client("iam", **cloud.client_arguments())
    name = f"stranger-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    iam.close()
    return key


@pytest.mark.parametrize("service", SERVICES)
def test_a_user_without_policies_is_denied_every_operation(client, bucket, stranger, service, served):
    api = client(service, stranger)
    asked = []
    for name in sorted(served[service]):
        model = api.meta.service_model.operation_model(name)
        request = _value(model.input_shape, "", bucket) if model.input_shape else {}
        if (service, name) == ("s3", "CreateBucket"):
            request["Bucket"] = f"denied-{uuid.uuid4().hex}"
        method = next(m for m, o in api.meta.method_to_api_mapping.items() if o == name)
        if (service, name) in BY_TOKEN:
            continue
        if (service, name) == ("sns", "Publish"):
            request["TopicArn"] = "arn:aws:sns:us-east-1:111122223333:denied"
        assert _refusals(getattr(api, method), request) <= DENIED, name
        asked.append(name)
    assert asked or service == "sts"


@pytest.fixture(scope="module")
def served():
    """The operations that each service declares, by the classes of its package."""
    found = {service: {} for service in SERVICES}
    for service, operations in found.items():
        package = importlib.import_module(f"marinelayer.services.{service}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for noun in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(noun) and noun.__module__ == module.name:
                    declared = (getattr(method, "declared_operation", None) for method in vars(noun).values())
                    operations.update({name: needs for name, needs, _ in filter(None, declared)})
    return found


def test_every_declared_operation_is_in_botocores_model(served):
    for service, operations in served.items():
        assert set(operations) <= set(load_service(service).operations)


def test_what_cannot_be_denied_says_why(served):
    undeniable = {
        (service, name): needs.reason
        for service, operations in served.items()
        for name, needs in operations.items()
        if isinstance(needs, NoPermission)
    }
    assert set(undeniable) <= BY_TOKEN | {("s3", "DeleteObjects")}  # which asks for each of its keys
    assert all(undeniable.values())
