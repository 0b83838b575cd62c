"""The reference pages are what the script makes of the code, and say what the running cloud does."""

import re
import socket
import uuid
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from click import Group

from marinelayer.cli import main
from marinelayer.config import Settings
from marinelayer.model.errors import ServiceError
from marinelayer.model.service import load_service
from marinelayer.services.operation import NoPermission

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docs/reference"
IN_THE_BODY = ("iam", "sts", "sns", "rekognition", "comprehend", "translate")
"""Services whose operations all have one address, and are named in the request's body or head."""
ELSEWHERE = {"ListDirectoryBuckets", "WriteGetObjectResponse"}
"""Operations of S3 that SDKs send to other hosts, signed for other services."""
TWINS = {"GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification", "PutBucketNotification"}
"""Retired operations whose requests are those of the operations that came after them, which are served."""


@pytest.mark.parametrize("name", ["operations.md", "permissions.md", "settings.md", "cli.md", "errors.md"])
def test_the_committed_page_is_what_the_script_writes(reference, name):
    written = reference.pages()[name]
    assert (FOLDER / name).read_text("utf-8") == written, "run: .venv/bin/python scripts/reference.py"


def test_there_is_no_page_that_no_one_writes(reference):
    assert {path.name for path in FOLDER.iterdir()} == set(reference.pages())


def test_every_setting_has_its_line():
    page = (FOLDER / "settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        (line,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        assert f"`--{name.replace('_', '-')}`" in line
        assert f"`MARINELAYER_{name.upper()}`" in line
        assert (field.description or "nothing said") in line


def test_every_command_and_option_is_there():
    page = (FOLDER / "cli.md").read_text("utf-8")
    assert isinstance(main, Group)
    for name, command in main.commands.items():
        section = page.partition(f"### marinelayer {name}\n")[2].partition("\n###")[0]
        assert section, name
        for parameter in command.params:
            for flag in parameter.opts if parameter.param_type_name == "option" else ():
                assert flag in section, f"{name} {flag}"


def test_every_declared_error_is_there():
    page = (FOLDER / "errors.md").read_text("utf-8")
    declared = {error for error in ServiceError.__subclasses__() if error.__module__.startswith("marinelayer.")}
    assert len(declared) > 50
    for error in declared:
        assert f"| `{error.code}` |" in page, error


def test_what_demands_nothing_stands_with_its_reason(reference):
    page = (FOLDER / "operations.md").read_text("utf-8")
    exempt = [one for service in reference.SERVICES for one in reference.served(service).values() if _exempt(one.needs)]
    assert exempt
    for one in exempt:
        assert f"- `{one.name}`: {one.needs.reason}" in page


def _exempt(needs):
    return isinstance(needs, NoPermission)


def _listed(service):
    """The operations that the page says are served, and those that it says answer 501."""
    page = (FOLDER / "operations.md").read_text("utf-8")
    section = page.partition(f"\n## {service}\n")[2].partition("\n## ")[0]
    table, _, folded = section.partition("<details>")
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)), set(re.findall(r"`(\w+)`", folded))


def test_every_modelled_operation_is_either_served_or_folded_away(reference):
    for service in reference.SERVICES:
        served, missing = _listed(service)
        assert not served & missing
        assert served | missing == set(load_service(service).operations)


@pytest.fixture(scope="module")
def nobody(cloud):
    """The key of a user who may do nothing: what is served refuses, and changes nothing."""
    import boto3

    iam = boto3.client("iam", **cloud.client_arguments())
    name = f"reader-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    iam.close()
    return key


@pytest.mark.parametrize("service", IN_THE_BODY)
def test_the_cloud_answers_501_to_exactly_what_the_page_says(cloud, nobody, service):
    served, missing = _listed(service)
    session = URLLib3Session(socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)])
    answered = {name: _status(session, cloud, nobody, load_service(service), name) for name in served | missing}
    session.close()
    assert {name for name, status in answered.items() if status == 501} == missing


def _status(session, cloud, key, model, operation):
    """The status of a signed call of the operation without any parameter."""
    if model.protocol == "query":
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = f"Action={operation}&Version={model.api_version}"
    else:
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"{model.target_prefix}.{operation}"}
        body = "{}"
    request = AWSRequest("POST", cloud.endpoint_url + "/", headers=headers, data=body.encode())
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    SigV4Auth(credentials, model.signing_name, cloud.region).add_auth(request)
    return session.send(request.prepare()).status_code


def test_s3_answers_501_to_exactly_what_the_page_says(client, nobody, bucket):
    s3 = client("s3", nobody, config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))
    served, missing = _listed("s3")
    methods = {operation: method for method, operation in s3.meta.method_to_api_mapping.items()}
    answered = {}
    for name in (served | missing) - ELSEWHERE - TWINS:
        shape = s3.meta.service_model.operation_model(name).input_shape
        try:
            answer = getattr(s3, methods[name])(**_plain(shape, bucket) if shape else {})
        except ClientError as refused:
            answer = refused.response
        answered[name] = answer["ResponseMetadata"]["HTTPStatusCode"]
    assert {name for name, status in answered.items() if status == 501} == missing - ELSEWHERE - TWINS


def _plain(shape, bucket, name=""):
    """The least value that the model takes."""
    match shape.type_name:
        case "structure":
            return {each: _plain(shape.members[each], bucket, each) for each in shape.required_members}
        case "list":
            return [_plain(shape.member, bucket, name)]
        case "string":
            known = {"Bucket": bucket, "CopySource": f"{bucket}/k"}
            return known.get(name) or (shape.enum[0] if shape.enum else "text")
        case "blob":
            return b"x"
        case "boolean":
            return True
        case "timestamp":
            return 0
        case _:
            return 1
