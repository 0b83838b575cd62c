"""What a service demands of a policy when it is set, beyond its being readable.

Identity policies answer in IAM's words (MalformedPolicyDocument), resource policies in S3's (MalformedPolicy). Knows
nothing of what is stored. Sources: IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM and STS quotas";
S3 User Guide, "Policies and permissions in Amazon S3".
"""

from __future__ import annotations

import re
from typing import Final, Literal

from marinelayer.security.policy.compiled import Policy, compile_policy
from marinelayer.security.policy.document import (
    NO_JSON,
    MalformedPolicyError,
    PolicyDocument,
    StatementDocument,
    parse_document,
)
from marinelayer.security.policy.wildcard import glob, wild

Kind = Literal["identity", "resource", "trust"]

LARGEST_BUCKET_POLICY: Final = 20_480
LIMITS: Final[dict[Kind, int]] = {"identity": 20_480, "resource": 30_720, "trust": 20_480}
"""Characters of JSON text, white space included. What an identity may have in sum is IAM's to count."""

_ACTION = re.compile(r"[A-Za-z0-9-]{1,64}:[A-Za-z0-9*?-]{1,128}", re.ASCII)
_ARN = re.compile(r"arn:[^:]*:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
_PARTITION = re.compile(r"aws(-[a-z]+)*|\*", re.ASCII)
_SID = re.compile(r"[0-9A-Za-z]*", re.ASCII)
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|arn:aws[a-z-]*:(?:iam::\d{12}:(?:root|(?:user|role)/[\w+=,.@/-]+)"
    r"|sts::\d{12}:(?:assumed-role|federated-user)/[\w+=,.@/-]+)|A[A-Z0-9]{15,127}",
    re.ASCII,
)
_SERVICE_PRINCIPAL = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?", re.ASCII)

_FEDERATED = re.compile(
    r"arn:aws[a-z-]*:iam::\d{12}:(?:oidc-provider|saml-provider)/[\w.:/+=,@-]+"
    r"|cognito-identity\.amazonaws\.com|www\.amazon\.com|graph\.facebook\.com|accounts\.google\.com",
    re.ASCII,
)
_TRUST_ACTIONS: Final = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)

_OBJECT_ACTIONS: Final = frozenset(
    {
        "s3:abortmultipartupload",
        "s3:bypassgovernanceretention",
        "s3:initiatereplication",
        "s3:listmultipartuploadparts",
        "s3:objectowneroverridetobucketowner",
        "s3:replicatedelete",
        "s3:replicatetags",
    }
)


def validate_policy(text: str, kind: Kind) -> Policy:
    """Check a policy that is about to be set, and compile it.

    Raises:
        MalformedPolicyError: it can not be accepted; the text is the reason in AWS's words.
    """
    if kind == "resource":
        document = parse_document(text, limit=LIMITS[kind])
        for statement in document.statements:
            _check_resource_statement(statement)
        return compile_policy(text)
    try:
        document = parse_document(text, limit=LIMITS[kind])
    except MalformedPolicyError as error:
        if kind == "trust" and str(error) == NO_JSON:
            raise MalformedPolicyError("This policy contains invalid Json") from None
        raise _in_iam_words(error) from None
    _check_sids(document)
    for statement in document.statements:
        _check_iam_statement(statement, kind)
    try:
        return compile_policy(text)
    except MalformedPolicyError as error:
        raise _in_iam_words(error) from None


def validate_bucket_policy(text: str, bucket: str) -> Policy:
    """Check a bucket's policy: besides `validate_policy`, every resource must be the bucket or in it, and every
    action one of S3's that fits its statement's resources.

    Raises:
        MalformedPolicyError: it can not be accepted; the text is S3's.
    """
    if len(text.encode()) > LARGEST_BUCKET_POLICY:
        raise MalformedPolicyError("Policy exceeds the maximum allowed document size.")
    policy = validate_policy(text, "resource")
    for statement in policy.document.statements:
        kinds = {kind for one in statement.resources or () for kind in _resource_kinds(one, bucket)}
        for action in statement.actions:
            if action == "*":
                continue
            if not action.lower().startswith("s3:"):
                raise MalformedPolicyError("Policy has invalid action", element="Action")
            if "*" not in action and "?" not in action and _action_kind(action.lower()) not in kinds:
                raise MalformedPolicyError("Action does not apply to any resource(s) in statement", element="Resource")
    return policy


# --- identity and trust policies, in IAM's words --------------------------------------------------------------


def _in_iam_words(error: MalformedPolicyError) -> MalformedPolicyError:
    if error.element == "Version":
        return MalformedPolicyError("Policy document must be version 2012-10-17 or greater.", element="Version")
    if error.element == "Action" and str(error).startswith("Missing"):
        return MalformedPolicyError("Policy statement must contain actions.", element="Action")
    return MalformedPolicyError("Syntax errors in policy.", element=error.element)


def _check_sids(document: PolicyDocument) -> None:
    sids = [statement.sid for statement in document.statements if statement.sid]
    for sid in sids:
        if not _SID.fullmatch(sid):
            raise MalformedPolicyError(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                "[0-9A-Za-z]*",
                element="Sid",
            )
    if len(set(sids)) < len(sids):
        raise MalformedPolicyError("Statement IDs (SID) in a single policy must be unique.", element="Sid")


def _check_iam_statement(statement: StatementDocument, kind: Kind) -> None:
    for action in statement.actions:
        _check_iam_action(action)
    if kind == "trust":
        if not all(action.lower() in _TRUST_ACTIONS or action.lower() == "sts:*" for action in statement.actions):
            raise MalformedPolicyError("AssumeRole policy may only specify STS AssumeRole actions.", element="Action")
        if statement.resources is not None:
            raise MalformedPolicyError("Has prohibited field Resource", element="Resource")
        if statement.principals is None:
            raise MalformedPolicyError("Missing required field Principal", element="Principal")
        _check_principals(statement)
        return
    if statement.principals is not None:
        raise MalformedPolicyError("Policy document should not specify a principal.", element="Principal")
    if not statement.resources:
        raise MalformedPolicyError("Policy statement must contain resources.", element="Resource")
    for resource in statement.resources:
        _check_iam_resource(resource)


def _check_iam_action(action: str) -> None:
    if action == "*":
        return
    vendor, colon, rest = action.partition(":")
    if not colon:
        raise MalformedPolicyError(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", element="Action"
        )
    if ":" in rest:
        raise MalformedPolicyError("Actions/Condition can contain only one colon.", element="Action")
    if not re.fullmatch(r"[a-zA-Z0-9-]{1,64}", vendor, re.ASCII):
        raise MalformedPolicyError(f"Vendor {vendor[:64]} is not valid", element="Action")
    if not _ACTION.fullmatch(action):
        raise MalformedPolicyError("The policy failed legacy parsing", element="Action")


def _check_iam_resource(resource: str) -> None:
    if resource == "*":
        return
    if not resource.startswith("arn:"):
        raise MalformedPolicyError(f'Resource {resource[:256]} must be in ARN format or "*".', element="Resource")
    partition = resource.split(":")[1]
    if not _PARTITION.fullmatch(partition):
        raise MalformedPolicyError(
            f'Partition "{partition[:64]}" is not valid for resource "{resource[:256]}".', element="Resource"
        )
    if not _ARN.fullmatch(resource):
        raise MalformedPolicyError("The policy failed legacy parsing", element="Resource")


# --- resource policies, in S3's words -------------------------------------------------------------------------


def _check_resource_statement(statement: StatementDocument) -> None:
    if statement.principals is None:
        raise MalformedPolicyError("Missing required field Principal", element="Principal")
    _check_principals(statement)
    if statement.resources is None:
        raise MalformedPolicyError("Missing required field Resource", element="Resource")
    for action in statement.actions:
        if action != "*" and not _ACTION.fullmatch(action):
            raise MalformedPolicyError("Policy has invalid action", element="Action")
    for resource in statement.resources:
        if resource != "*" and not _ARN.fullmatch(resource):
            raise MalformedPolicyError("Policy has invalid resource", element="Resource")


def _check_principals(statement: StatementDocument) -> None:
    """Whether the names can be principals at all; whether they exist is for whoever stores users."""
    principals = statement.principals or {}
    if not all(_AWS_PRINCIPAL.fullmatch(name) for name in principals.get("AWS", ())):
        raise MalformedPolicyError("Invalid principal in policy", element="Principal")
    if not all(_SERVICE_PRINCIPAL.fullmatch(name) for name in principals.get("Service", ())):
        raise MalformedPolicyError("Invalid principal in policy", element="Principal")
    if not all(_FEDERATED.fullmatch(name) for name in principals.get("Federated", ())):
        raise MalformedPolicyError("Invalid principal in policy", element="Principal")
    if not all(re.fullmatch(r"[0-9a-f]{64}", name, re.ASCII) for name in principals.get("CanonicalUser", ())):
        raise MalformedPolicyError("Invalid principal in policy", element="Principal")


_ResourceKind = Literal["bucket", "object"]


def _resource_kinds(resource: str, bucket: str) -> tuple[_ResourceKind, ...]:
    parts = resource.split(":", 5)
    if len(parts) != 6 or parts[2] != "s3":
        raise MalformedPolicyError("Policy has invalid resource", element="Resource")
    name, slash, _ = parts[5].partition("/")
    if not glob(wild(name))(bucket):
        raise MalformedPolicyError("Policy has invalid resource", element="Resource")
    if slash:
        return ("object",)
    return ("bucket", "object") if name.endswith("*") else ("bucket",)


def _action_kind(action: str) -> _ResourceKind:
    if action in _OBJECT_ACTIONS or ("object" in action and "bucket" not in action):
        return "object"
    return "bucket"
