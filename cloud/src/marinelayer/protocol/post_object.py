"""POST Object: a browser's form at a bucket's address, read as the PUT that it stands for.

The form's fields before `file` are what headers are to a PUT, and the file is its body. So there is no other way
through the house for it: `as_put` makes the request, `write_posted` turns the answer into what browsers await.

Pure. Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode, urlsplit

from marinelayer.http import Body, Headers, Request, Response
from marinelayer.protocol.addresses import Hosts, address
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML, PreconditionFailed
from marinelayer.protocol.xml_reader import Element, XmlError, read_xml
from marinelayer.protocol.xml_writer import DECLARATION, escape

FILENAME = "${filename}"

_OTHER_NAMES = {"acl": "x-amz-acl", "tagging": "x-amz-tagging"}
_PLAIN_HEADERS = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-md5",
        "content-type",
        "expires",
    }
)
# What only the signature needs, and what would make the PUT something else than PutObject.
_NO_HEADERS = re.compile(
    r"x-amz-(algorithm|credential|date|signature|security-token|content-sha256|decoded-content-length|trailer"
    r"|copy-source.*|request-route)"
)
_METADATA = "x-amz-meta-"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_MOST_TAG_ELEMENTS = 1000
_OF_THE_BROWSER = ("user-agent", "referer")


def posts_form(request: Request, hosts: Hosts) -> bool:
    """Whether the request brings a form to a bucket's address, which has no query."""
    if request.method != "POST" or request.query or not _is_form_data(request):
        return False
    bucket, key = address(request, hosts)
    return bucket is not None and key is None


def demand_form(request: Request) -> None:
    """Say what a POST to a bucket that names no operation must be.

    Raises:
        PreconditionFailed: it does not bring a form.
    """
    if not _is_form_data(request):
        raise PreconditionFailed(Condition="Bucket POST must be of the enclosure-type multipart/form-data")


def _is_form_data(request: Request) -> bool:
    content_type = request.headers.get("content-type") or ""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def with_final_key(fields: Mapping[str, str], filename: str) -> dict[str, str]:
    """The fields (lower-case names) with the key that the object will have: `${filename}` is the name of the file,
    without the folders that some browsers send; the file that has no name is called so.

    Raises:
        InvalidArgument: there is no key, or it is empty.
    """
    if "key" not in fields:
        raise InvalidArgument(
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
            ArgumentName="key",
            ArgumentValue="",
        )
    key = fields["key"].replace(FILENAME, _base_name(filename))
    if not key:
        raise InvalidArgument("User key must have a length greater than 0.", ArgumentName="key", ArgumentValue="")
    return {**fields, "key": key}


def as_put(request: Request, fields: Mapping[str, str], filename: str, file: Body) -> Request:
    """The PUT that a form stands for. `fields` have the final key; in the others `${filename}` is replaced here, after
    the form's policy has been held against what the form says.

    Raises:
        InvalidArgument: a field that is to be a header has a name that no header can have.
        MalformedXML: the tags are not a document of tags.
    """
    headers = [(name, value) for name in _OF_THE_BROWSER if (value := request.headers.get(name)) is not None]
    for field, text in fields.items():
        name = _OTHER_NAMES.get(field, field)
        if name in _PLAIN_HEADERS or (name.startswith("x-amz-") and not _NO_HEADERS.fullmatch(name)):
            if not _TOKEN.fullmatch(name):
                raise InvalidArgument("A form field has no valid name.", ArgumentName=field, ArgumentValue="")
            value = text.replace(FILENAME, _base_name(filename))
            if field == "tagging":
                value = _tags_in_header(value)
            elif name.startswith(_METADATA):
                value = _as_it_is(value)
            else:
                value = value.strip(" \t")
            headers.append((name, value.encode().decode("latin-1")))
    path = f"{request.path.rstrip('/')}/{quote(fields['key'], safe='')}"
    return replace(request, method="PUT", path=path, query="", headers=Headers(headers), body=file)


def _as_it_is(text: str) -> str:
    """Metadata of a form, which says what it says: what looks like an encoded word of RFC 2047 is itself encoded, since
    a PUT's would be decoded."""
    return f"=?UTF-8?B?{b64encode(text.encode()).decode('ascii')}?=" if "=?" in text else text


def _tags_in_header(document: str) -> str:
    """The tags of a form, which brings them as PutObjectTagging does, as a PUT's header has them."""
    try:
        root = read_xml(document.encode(), most_elements=_MOST_TAG_ELEMENTS)
    except XmlError as error:
        raise MalformedXML from error
    if root.name != "Tagging":
        return ""  # S3 finds no tags in another document
    tag_set = root.first("TagSet")
    if tag_set is None:
        raise MalformedXML
    return urlencode([_pair(tag) for tag in tag_set.children])


def _pair(tag: Element) -> tuple[str, str]:
    key, value = tag.first("Key"), tag.first("Value")
    if tag.name != "Tag" or key is None or value is None:
        raise MalformedXML
    return key.text, value.text


def write_posted(request: Request, fields: Mapping[str, str], bucket: str, answer: Response) -> Response:
    """The answer to a form whose PUT was answered with `answer`: a redirection where the form wants one, else what
    its `success_action_status` says, 204 by default."""
    etag = next((value for name, value in answer.headers if name == "etag"), "")
    redirection = _redirection(fields, bucket, etag)
    if redirection is not None:
        return replace(answer, status=303, headers=(*answer.headers, ("location", redirection)))
    location = f"{request.scheme}://{request.host}{request.path.rstrip('/')}/{quote(fields['key'], safe='')}"
    headers = (*answer.headers, ("location", location))
    status = fields.get("success_action_status")
    if status != "201":
        return replace(answer, status=200 if status == "200" else 204, headers=headers)
    elements = {"Location": location, "Bucket": bucket, "Key": fields["key"], "ETag": etag}
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
    body = f"{DECLARATION}<PostResponse>{inner}</PostResponse>".encode()
    return replace(answer, status=201, headers=(*headers, ("content-type", "application/xml")), body=body)


def _redirection(fields: Mapping[str, str], bucket: str, etag: str) -> str | None:
    """Where the form sends the browser; None where it does not say, or not with an address that is one."""
    target = fields.get("success_action_redirect") or fields.get("redirect") or ""
    if not (target.isascii() and target.isprintable()) or " " in target:
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    result = urlencode({"bucket": bucket, "key": fields["key"], "etag": etag}, quote_via=quote, safe="")
    return parts._replace(query=f"{parts.query}&{result}" if parts.query else result).geturl()


def _base_name(filename: str) -> str:
    return re.split(r"[/\\]", filename)[-1]
