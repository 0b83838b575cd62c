"""The authorities of a folder: what they may sign for, where they lie, and how long things last."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509

from marinelayer.serving import tls
from marinelayer.serving.tls import CertificateAuthority, own_context


def shake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> dict[str, Any]:
    """Let the two contexts meet in memory; the certificate that the client saw."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname=name)
    far = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (near, far):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    seen = near.getpeercert()
    assert seen is not None
    assert near.version() in ("TLSv1.2", "TLSv1.3")
    return dict(seen)


def trusting(path: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(path))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.mark.parametrize(
    "host", ["amazonaws.com", "s3.amazonaws.com", "my.dotted.bucket.s3.us-west-2.amazonaws.com", "a_b.s3.amazonaws.com"]
)
def test_every_name_below_amazonaws_com_gets_a_leaf_that_verifies(tmp_path: Path, host: str) -> None:
    authority = CertificateAuthority.open(tmp_path)
    seen = shake(authority.context_for(host), trusting(authority.certificate), host)
    assert seen["subjectAltName"] == (("DNS", host),)


@pytest.mark.parametrize(
    "host", ["example.com", "amazonaws.com.example.com", "xamazonaws.com", "localhost", "127.0.0.1", "::1"]
)
def test_a_leaf_for_another_name_does_not_verify(tmp_path: Path, host: str) -> None:
    authority = CertificateAuthority.open(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"(permitted|excluded) subtree violation"):
        shake(authority.context_for(host), trusting(authority.certificate), host)


def test_the_constraints_are_critical_and_name_amazonaws_com_only(tmp_path: Path) -> None:
    authority = CertificateAuthority.open(tmp_path)
    certificate = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical
    assert found.value.permitted_subtrees == [x509.DNSName("amazonaws.com")]
    assert found.value.excluded_subtrees == [
        x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
        x509.IPAddress(ipaddress.ip_network("::/0")),
    ]


def test_the_keys_are_for_their_owner_only_and_leaves_leave_none_behind(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    authority = CertificateAuthority.open(folder)
    authority.context_for("s3.amazonaws.com")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in folder.iterdir()} == {
        "amazonaws-ca.key": True,
        "amazonaws-ca.pem": False,
        "amazonaws-bundle.pem": False,
    }


def test_an_authority_is_found_again_and_its_leaves_are_kept(tmp_path: Path) -> None:
    first, second = CertificateAuthority.open(tmp_path), CertificateAuthority.open(tmp_path)
    assert first.certificate.read_bytes() == second.certificate.read_bytes()
    shake(second.context_for("s3.amazonaws.com"), trusting(first.certificate), "s3.amazonaws.com")
    assert first.context_for("s3.amazonaws.com") is first.context_for("s3.amazonaws.com")


@pytest.mark.parametrize("how", ["broken key", "broken certificate", "other key", "ends soon"])
def test_an_authority_that_can_not_be_used_is_made_anew(tmp_path: Path, monkeypatch: Any, how: str) -> None:
    if how == "ends soon":
        monkeypatch.setattr(tls, "_AUTHORITY_LIFE", timedelta(days=10))
    old = CertificateAuthority.open(tmp_path).certificate.read_bytes()
    monkeypatch.undo()
    match how:
        case "broken key":
            (tmp_path / "amazonaws-ca.key").write_text("no")
        case "broken certificate":
            (tmp_path / "amazonaws-ca.pem").write_text("no")
        case "other key":
            other = CertificateAuthority.open(tmp_path / "other")
            (tmp_path / "amazonaws-ca.key").write_bytes((other.certificate.parent / "amazonaws-ca.key").read_bytes())
        case _:
            pass
    authority = CertificateAuthority.open(tmp_path)
    assert authority.certificate.read_bytes() != old
    shake(authority.context_for("s3.amazonaws.com"), trusting(authority.certificate), "s3.amazonaws.com")


def test_leaves_last_a_week_are_renewed_in_time_and_bounded(tmp_path: Path, monkeypatch: Any) -> None:
    authority = CertificateAuthority.open(tmp_path)
    context = authority.context_for("s3.amazonaws.com")
    seen = shake(context, trusting(authority.certificate), "s3.amazonaws.com")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(seen["notAfter"]), UTC)
    assert timedelta(days=6) < ends - datetime.now(UTC) < timedelta(days=8)
    monkeypatch.setattr(tls, "_LEAF_RENEWED", timedelta(days=8))
    assert authority.context_for("s3.amazonaws.com") is not context
    monkeypatch.undo()
    monkeypatch.setattr(tls, "_CONTEXTS", 3)
    for n in range(6):
        authority.context_for(f"b{n}.s3.amazonaws.com")
    assert len(authority._contexts) <= 4


def test_the_bundle_holds_the_machines_roots_too(tmp_path: Path, monkeypatch: Any) -> None:
    other = trustme.CA()
    other.cert_pem.write_to_path(tmp_path / "roots.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    authority = CertificateAuthority.open(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.issue_cert("example.com").configure_cert(server)
    shake(server, ssl.create_default_context(cafile=str(authority.bundle)), "example.com")
    shake(authority.context_for("s3.amazonaws.com"), trusting(authority.bundle), "s3.amazonaws.com")


async def test_the_api_is_served_by_tls_under_this_machines_names_only(serve: Any, tmp_path: Path) -> None:
    names = ["localhost", "127.0.0.1", "::1", "cloud.example"]
    context = own_context(tmp_path, names)
    served = await serve(ssl_context=context)
    for name in names:
        client = await served.connect(ssl=trusting(tmp_path / "own-ca.pem"), server_hostname=name)
        await client.say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await client.answer()).body == b"GET /a? 0"
    own = CertificateAuthority.open(tmp_path, "own", names)
    for name in ("s3.amazonaws.com", "127.0.0.2"):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake(own.context_for(name), trusting(tmp_path / "own-ca.pem"), name)
    own_context(tmp_path, [*names, "another.example"])
    again = await serve(ssl_context=own_context(tmp_path, [*names, "another.example"]))
    await again.connect(ssl=trusting(tmp_path / "own-ca.pem"), server_hostname="another.example")


async def test_a_client_that_does_not_speak_tls_is_dropped(serve: Any, tmp_path: Path) -> None:
    served = await serve(ssl_context=own_context(tmp_path, ["localhost"]))
    client = await served.connect()
    await client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        assert b"HTTP" not in await client.closed()
    await asyncio.sleep(0)
