"""TLS for what we serve: certificate authorities of a folder's own, and the leaves that they sign.

There are two, so that what a leaked key could vouch for stays small. One may sign for amazonaws.com and nothing else
(`marinelayer run`'s children trust it); the other for the names of this machine that the API listens on (`--tls-port`).
Each says so itself, in critical name constraints (RFC 5280, 4.2.1.10), which TLS libraries enforce.

Knows files and certificates; must not know HTTP.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import ssl
from collections import OrderedDict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AMAZON = "amazonaws.com"
_AUTHORITY_LIFE = timedelta(days=730)
_AUTHORITY_RENEWED = timedelta(days=90)
_LEAF_LIFE = timedelta(days=7)
_LEAF_RENEWED = timedelta(days=1)
_CLOCK_SLACK = timedelta(hours=1)
_CONTEXTS = 256
_BLOCK_START, _BLOCK_END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
# Where systems keep their roots in one file: Debian and Alpine, Red Hat, macOS and BSDs.
_SYSTEM_ROOTS = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CertificateAuthority:
    """An authority that lives in a folder, `certificate` and, mode 0600, its key; `bundle` holds the certificate
    together with the roots that this machine trusts anyway."""

    def __init__(self, folder: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._folder = folder
        self._key = key
        self._certificate = certificate
        self._contexts: OrderedDict[tuple[str, ...], tuple[ssl.SSLContext, datetime]] = OrderedDict()
        self.certificate = folder / f"{name}-ca.pem"
        self.bundle = folder / f"{name}-bundle.pem"

    @classmethod
    def open(
        cls, folder: Path, name: str = "amazonaws", permitted: Collection[str] = (AMAZON,)
    ) -> CertificateAuthority:
        """The authority `name` of the folder, which may sign for `permitted` only: DNS names with all below them, and
        addresses. It is made anew where there is none, where it ends soon, and where it permits something else.

        Raises:
            OSError: the folder can not be written.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        constraints = _constraints(permitted)
        found = _load(folder / f"{name}-ca.key", folder / f"{name}-ca.pem", constraints)
        key, certificate = found or _new_authority(constraints)
        authority = cls(folder, name, key, certificate)
        if found is None:
            _write(folder / f"{name}-ca.key", _private(key), 0o600)
            _write(authority.certificate, _public(certificate), 0o644)
        _write(authority.bundle, "\n".join([*_roots(), _public(certificate).decode()]).encode(), 0o644)
        return authority

    def context_for(self, *hosts: str) -> ssl.SSLContext:
        """A server's context with one leaf for `hosts`, names or addresses. Kept until its leaf ends soon, or until
        more recent ones push it out."""
        now = datetime.now(UTC)
        context, ends = self._contexts.get(hosts, (None, now))
        if context is None or ends - now < _LEAF_RENEWED:
            context = self._new_context(hosts, now)
            self._contexts[hosts] = (context, now + _LEAF_LIFE)
            if len(self._contexts) > _CONTEXTS:
                self._contexts.popitem(last=False)
        self._contexts.move_to_end(hosts)
        return context

    def _new_context(self, hosts: Iterable[str], now: datetime) -> ssl.SSLContext:
        key, certificate = self._new_leaf(hosts, now)
        context = server_context()
        # The library takes certificates from files only.
        path = self._folder / f"leaf-{secrets.token_hex(8)}.pem"
        try:
            _write(path, _private(key) + _public(certificate), 0o600)
            context.load_cert_chain(path)
        finally:
            path.unlink(missing_ok=True)
        return context

    def _new_leaf(self, hosts: Iterable[str], now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder("Marine Layer server", now, _LEAF_LIFE, key)
            .issuer_name(self._certificate.subject)
            .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        return key, builder.sign(self._key, hashes.SHA256())


def server_context() -> ssl.SSLContext:
    """A server's context without a certificate yet: TLS 1.2 and later, HTTP/1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def own_context(folder: Path, names: Iterable[str]) -> ssl.SSLContext:
    """A server's context for this machine's own `names` and addresses, by the folder's authority `own`, whose
    certificate clients must trust (`own-ca.pem`, or `own-bundle.pem`). Its leaf is renewed as time goes.

    Raises:
        OSError: the folder can not be written.
    """
    hosts = tuple(sorted({name.lower() for name in names}))
    authority = CertificateAuthority.open(folder, "own", hosts)
    context = authority.context_for(*hosts)

    def renew(connection: Any, *_: object) -> None:
        connection.context = authority.context_for(*hosts)

    context.sni_callback = renew
    return context


def _new_authority(constraints: x509.NameConstraints) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"Marine Layer {secrets.token_hex(4)}"
    builder = (
        _builder(name, datetime.now(UTC), _AUTHORITY_LIFE, key)
        .issuer_name(_name(name))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(constraints, critical=True)
    )
    return key, builder.sign(key, hashes.SHA256())


def _builder(name: str, now: datetime, life: timedelta, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .serial_number(x509.random_serial_number())
        .public_key(key.public_key())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _constraints(permitted: Collection[str]) -> x509.NameConstraints:
    """Only `permitted`. A kind of name of which none is permitted would be free: addresses are then excluded."""
    names: list[x509.GeneralName] = []
    networks: list[x509.GeneralName] = []
    for name in sorted(permitted):
        address = _address(name)
        if address is None:
            names.append(x509.DNSName(name))
        else:
            networks.append(x509.IPAddress(ipaddress.ip_network(address)))
    if not names:
        raise ValueError("an authority must permit a DNS name, or it permits all")
    nowhere = [x509.IPAddress(ipaddress.ip_network(network)) for network in ("0.0.0.0/0", "::/0")]
    return x509.NameConstraints(names + networks, None if networks else nowhere)


def _load(
    key_path: Path, certificate_path: Path, constraints: x509.NameConstraints
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
    """The stored authority, if it is whole, permits just this and does not end soon."""
    try:
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        permits = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return None
    lasts = certificate.not_valid_after_utc - datetime.now(UTC) > _AUTHORITY_RENEWED
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not lasts or permits != constraints:
        return None
    return (key, certificate) if key.public_key() == certificate.public_key() else None


def _roots() -> list[str]:
    """The roots that this machine's programs trust, as PEM blocks: the system's, and certifi's where it is there, by
    which Python programs without our bundle would judge."""
    paths = [ssl.get_default_verify_paths().cafile or "", *_SYSTEM_ROOTS]
    try:
        import certifi  # noqa: PLC0415 - it is no dependency of ours

        paths.append(certifi.where())
    except ImportError:
        pass
    blocks: dict[str, None] = {}
    for path in paths:
        if Path(path).is_file():
            for part in Path(path).read_text(errors="replace").split(_BLOCK_START)[1:]:
                body, end, _ = part.partition(_BLOCK_END)
                if end:
                    blocks[_BLOCK_START + body + _BLOCK_END] = None
    return list(blocks)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Replace a file at once, so that no one sees half of it, nor, with mode 0600, any of it."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
    new.replace(path)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.DNSName(host) if address is None else x509.IPAddress(address)


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
