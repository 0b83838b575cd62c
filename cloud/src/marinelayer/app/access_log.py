"""What a server access log says of a request: from the request's trace to an entry of `services.s3.access_log`.

A request to a bucket that is not logged costs a look at whether any is.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from marinelayer.http import Request
from marinelayer.model.errors import Refusal, ServiceError
from marinelayer.pipeline.trace import Trace
from marinelayer.ports import Clock
from marinelayer.protocol.addresses import Hosts, address
from marinelayer.protocol.website import place_of
from marinelayer.security.identity import Principal
from marinelayer.services.s3 import AccessLogs, LogEntry

_RESOURCES: Mapping[str, str] = {
    "AbortMultipartUpload": "UPLOAD",
    "CompleteMultipartUpload": "UPLOAD",
    "CreateMultipartUpload": "UPLOADS",
    "DeleteObjects": "MULTI_OBJECT_DELETE",
    "GetBucketLocation": "LOCATION",
    "ListMultipartUploads": "UPLOADS",
    "ListObjectVersions": "BUCKETVERSIONS",
    "ListParts": "UPLOAD",
    "RestoreObject": "OBJECT_RESTORE",
    "UploadPart": "PART",
    "UploadPartCopy": "PART",
}
"""The last word of an operation's name in the log, where it is told by the operation alone."""

_SUBRESOURCES: Mapping[str, str] = {
    "accelerate": "ACCELERATE",
    "acl": "ACL",
    "analytics": "ANALYTICS",
    "attributes": "OBJECT_ATTRIBUTES",
    "cors": "CORS",
    "encryption": "ENCRYPTION",
    "intelligent-tiering": "INTELLIGENT_TIERING",
    "inventory": "INVENTORY",
    "legal-hold": "LEGAL_HOLD",
    "lifecycle": "LIFECYCLE",
    "logging": "LOGGING_STATUS",
    "metrics": "METRICS",
    "notification": "NOTIFICATION",
    "object-lock": "OBJECT_LOCK_CONFIGURATION",
    "ownershipControls": "OWNERSHIP_CONTROLS",
    "policy": "BUCKETPOLICY",
    "policyStatus": "POLICY_STATUS",
    "publicAccessBlock": "PUBLIC_ACCESS_BLOCK",
    "replication": "REPLICATION",
    "requestPayment": "REQUEST_PAYMENT",
    "retention": "RETENTION",
    "select": "SELECT",
    "tagging": "TAGGING",
    "versioning": "VERSIONING",
    "website": "WEBSITE",
}
"""The same for a parameter of the query that names a part of a bucket or object."""

_SIGNATURES = {"v4": "SigV4", "v2": "SigV2"}
_AUTHENTICATIONS = {"header": "AuthHeader", "query": "QueryString"}


class AccessLogging:
    """Notes each answered request of S3 in its bucket's log (a `log` of the pipeline's)."""

    def __init__(self, logs: AccessLogs, hosts: Hosts, clock: Clock) -> None:
        self._logs = logs
        self._hosts = hosts
        self._clock = clock

    def __call__(self, trace: Trace) -> None:
        """Note a request, and the reading of its source where it is a copy."""
        logged = self._logs.buckets
        if not logged or trace.service is None or trace.service.name != "s3":
            return
        place = place_of(trace.request, self._hosts)
        try:
            bucket, key = (
                address(trace.request, self._hosts) if place is None else (place.bucket, unquote(place.path[1:]))
            )
        except Refusal:
            return
        if bucket in logged:
            self._logs.note(_entry(trace, bucket, key, self._clock.now()))
        source = trace.request.headers.get("x-amz-copy-source") if trace.status < 300 else None
        if source is not None:
            name, _, copied = unquote(source).partition("?versionId=")[0].removeprefix("/").partition("/")
            if name in logged:
                entry = _entry(trace, name, copied, self._clock.now())
                part = "PART" if trace.operation == "UploadPartCopy" else "OBJECT"
                self._logs.note(replace(entry, operation=f"REST.COPY.{part}_GET"))


def _entry(trace: Trace, bucket: str, key: str | None, now: int) -> LogEntry:
    request, headers = trace.request, dict(trace.headers)
    milliseconds = str(trace.microseconds // 1000)
    scheme, _, place = trace.scheme.partition("-")
    sent = headers.get("content-length", "" if trace.sent is None else str(trace.sent))
    return LogEntry(
        bucket=bucket,
        time=now - trace.microseconds,
        remote_ip=request.peer,
        requester=_requester(trace.identity.principal),
        request_id=request.id,
        operation=_operation(trace, key),
        key="" if key is None else quote(key),
        request_uri=f"{request.method} {request.path}{'?' * bool(request.query)}{request.query} HTTP/1.1",
        status=str(trace.status),
        error_code=_error(trace.error),
        bytes_sent="" if request.method == "HEAD" or sent == "0" else sent,
        object_size=_object_size(trace, headers, sent),
        total_time=milliseconds,
        turn_around_time=milliseconds,
        referer=request.headers.get("referer") or "",
        user_agent=request.headers.get("user-agent") or "",
        version_id=headers.get("x-amz-version-id") or _parameter(request, "versionId"),
        host_id=headers.get("x-amz-id-2", ""),
        signature_version=_SIGNATURES.get(scheme, ""),
        cipher_suite="",
        authentication_type=_AUTHENTICATIONS.get(place, ""),
        host=request.host,
        tls_version="",
        acl_required="Yes" if trace.by_acl else "",
    )


def _requester(principal: Principal) -> str:
    if principal.kind == "anonymous":
        return ""
    return principal.canonical_id if principal.kind == "root" else principal.arn


def _operation(trace: Trace, key: str | None) -> str:
    request = trace.request
    names = {piece.partition("=")[0] for piece in request.query.split("&")}
    resource = _RESOURCES.get(trace.operation)
    if resource is None:
        resource = next((word for name, word in _SUBRESOURCES.items() if name in names), None)
        if resource == "TAGGING" and key:
            resource = "OBJECT_TAGGING"
    if resource is None:
        resource = "OBJECT" if key else "BUCKET"
    method = "COPY" if trace.operation in ("CopyObject", "UploadPartCopy") else request.method
    return f"{'WEBSITE' if trace.website else 'REST'}.{method}.{resource}"


def _error(error: BaseException | None) -> str:
    if error is None:
        return ""
    if isinstance(error, Refusal):
        return error.code if isinstance(error, ServiceError) else type(error).__name__
    return "InternalError"


def _object_size(trace: Trace, headers: Mapping[str, str], sent: str) -> str:
    """The size of the object that was read or written."""
    if trace.error is not None:
        return ""
    match trace.operation:
        case "GetObject" | "HeadObject":
            return headers.get("content-range", "").rpartition("/")[2] or sent
        case "PutObject" | "UploadPart":
            given = trace.request.headers
            return given.get("x-amz-decoded-content-length") or given.get("content-length") or ""
        case _:
            return ""


def _parameter(request: Request, name: str) -> str:
    for piece in request.query.split("&"):
        found, _, value = piece.partition("=")
        if found == name:
            return value
    return ""
