"""Private bytes at rest, encrypted with the node's secret; called by the keyring, by enrolment and at the node's start.

Losing the secret file loses every sealed key: it belongs in the back-up, apart from the database.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from identity.errors import SealRefused

if TYPE_CHECKING:
    from pathlib import Path

SECRET_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12
_HKDF_INFO = b"rochdale sealed private bytes, version 1"
_OTHERS_MAY_READ = 0o007


class Sealer:
    """Seals and opens private bytes with AES-256-GCM under a key derived (HKDF-SHA256) from the node's secret."""

    __slots__ = ("_aead",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_BYTES:
            raise SealRefused("secret-unusable", f"the node's secret needs {SECRET_BYTES} bytes, not {len(secret)}")
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=_HKDF_INFO)
        self._aead = AESGCM(derive.derive(secret))

    def seal(self, plain: bytes, *, label: str) -> bytes:
        """Version byte, nonce and ciphertext; ``label`` (say, the key's id) is bound in, so rows cannot be swapped."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, label.encode())

    def open(self, sealed: bytes, *, label: str) -> bytes:
        """The bytes sealed under the same secret and label; ``SealRefused`` for anything else."""
        if not sealed.startswith(_VERSION):
            raise SealRefused("seal-broken", f"what is sealed as {label!r} has an unknown format")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, ciphertext, label.encode())
        except (InvalidTag, ValueError) as fault:
            raise SealRefused(
                "seal-broken", f"what is sealed as {label!r} does not open: another secret file, or altered"
            ) from fault


def load_or_create_secret(path: Path) -> bytes:
    """The 32 bytes in the file at ``path``, made on first use; safe when several processes start at once.

    The file holds 64 hex digits and is readable by its owner alone. ``SealRefused`` when it is unreadable, of another
    shape, or open to everybody on the machine.
    """
    try:
        return _load_secret(path)
    except FileNotFoundError:
        _create_secret(path)
        return _load_secret(path)


def _load_secret(path: Path) -> bytes:
    if path.stat().st_mode & _OTHERS_MAY_READ:
        raise SealRefused("secret-unusable", f"{path} is open to every account of this machine: chmod 600 it")
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, PermissionError, IsADirectoryError) as fault:
        raise SealRefused("secret-unusable", f"{path} cannot be read as {2 * SECRET_BYTES} hex digits") from fault
    if len(secret) != SECRET_BYTES:
        raise SealRefused("secret-unusable", f"{path} does not hold {2 * SECRET_BYTES} hex digits")
    return secret


def _create_secret(path: Path) -> None:
    """Write a whole file under another name, then link it into place: no reader ever sees half a secret."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{secrets.token_hex(SECRET_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        # When another process was first, its secret is the node's.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
