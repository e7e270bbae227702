"""A certificate authority of the test's own, and a proxy at each place that ends TLS and hands on to the node.

Called by the tests of this folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

    from tests.federation.faults.namespaces.country import Place

NODE_PORT = 8000
AT_ONCE = 65_536


@dataclass(frozen=True)
class Authority:
    """A key and certificate that sign others; `file` is what those who trust it read."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    file: Path

    def server_context(self, folder: Path, host: str) -> ssl.SSLContext:
        """What a server of that name shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _certificate(host, key, self.key, issuer=self.certificate.subject, is_authority=False)
        written = folder / f"{host}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        written.write_bytes(private + signed.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(written)
        return context

    def client_context(self) -> ssl.SSLContext:
        """What a visitor who trusts this authority alone uses."""
        return ssl.create_default_context(cafile=str(self.file))


def new_authority(folder: Path) -> Authority:
    """An authority that nobody else knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate("The valley's own authority", key, key, issuer=None, is_authority=True)
    file = folder / "authority.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    return Authority(key, certificate, file)


async def serve_tls(place: Place, context: ssl.SSLContext) -> asyncio.Server:
    """A proxy on the place's public address that hands every connection on to the node behind it."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = place.open_socket()
        try:
            await asyncio.get_running_loop().sock_connect(inner, ("127.0.0.1", NODE_PORT))
        except OSError:
            inner.close()
            writer.close()
            return
        inner_reader, inner_writer = await asyncio.open_connection(sock=inner)
        await asyncio.gather(_pour(reader, inner_writer), _pour(inner_reader, writer))

    return await asyncio.start_server(pass_on, sock=place.listening(place.address, 443), ssl=context)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while received := await reader.read(AT_ONCE):
            writer.write(received)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name | None,
    is_authority: bool,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not is_authority:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return built.sign(by, hashes.SHA256())
