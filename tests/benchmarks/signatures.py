"""Signatures per second, with all that goes with them here, against the bare operation; called by `__main__`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from identity.http_signatures import cavage
from identity.proofs import eddsa_jcs_2022
from tests.benchmarks.rig.rows import Figure, Row, Scale
from tests.benchmarks.rig.senders import ACTIVITY, Sender, keys_of, note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BASE = b"(request-target): post /body/inbox\n" + bytes(250)
PADDING, HASH = PKCS1v15(), SHA256()
SENDER = Sender("http://127.0.0.1/0", 0)
BATCH = 20
OPENSSL_NAMES = {"rsa": re.compile(r"^rsa\s+2048 bits"), "ed25519": re.compile(r"^\s*253 bits EdDSA")}


def rsa_sign() -> Callable[[], object]:
    """One RSA-2048 signature with a key at hand."""
    key = keys_of(0)[0]
    return lambda: key.sign(BASE, PADDING, HASH)


def rsa_verify() -> Callable[[], object]:
    """One check of an RSA-2048 signature."""
    key, signature = keys_of(0)[0].public_key(), keys_of(0)[0].sign(BASE, PADDING, HASH)
    return lambda: key.verify(signature, BASE, PADDING, HASH)


def ed25519_sign() -> Callable[[], object]:
    """One Ed25519 signature."""
    key = keys_of(0)[1]
    return lambda: key.sign(BASE)


def ed25519_verify() -> Callable[[], object]:
    """One check of an Ed25519 signature."""
    key, signature = keys_of(0)[1].public_key(), keys_of(0)[1].sign(BASE)
    return lambda: key.verify(signature, BASE)


async def measure(scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """What a check or a signature costs here, against `cryptography` alone and against `openssl speed`."""
    say("cryptography and our own checks")
    rates = {name: rate_of(make(), scale) for name, make in _OURS.items()}
    bare = {name: rate_of(make(), scale) for name, (make, _, _) in _BARE.items()}
    say("openssl speed")
    openssl = openssl_rates(max(1, round(scale.seconds / 3)))
    rows = []
    for name, rate in rates.items():
        _, kind, column = _BARE[name]
        rows.append(_row(name, rate, f"cryptography, {kind} {column} alone", bare[name]))
        rows.append(_row(name, rate, f"openssl speed, {kind} {column}", openssl.get((kind, column))))
    return rows


def _row(path: str, ours: Figure, against: str, limit: Figure | None) -> Row:
    return Row(
        path=path,
        unit="per s",
        ours=ours,
        against=against,
        limit=limit,
        remark="" if limit else "not measured: no openssl on the path",
    )


def rate_of(operation: Callable[[], object], scale: Scale) -> Figure:
    """How often per second of CPU time, over a second at most."""
    done, started = 0, time.process_time()
    while (passed := time.process_time() - started) < min(1.0, scale.seconds):
        for _ in range(BATCH):
            operation()
        done += BATCH
    return Figure(value=done / passed, cpu_ms=1000 * passed / done)


def openssl_rates(seconds: int) -> Mapping[tuple[str, str], Figure]:
    """(rsa or ed25519, sign or verify) to operations per second; {} where there is no openssl."""
    if shutil.which("openssl") is None:
        return {}
    command = ["openssl", "speed", "-seconds", str(seconds), "rsa2048", "ed25519"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    return read_openssl(said.stdout)


def read_openssl(printed: str) -> dict[tuple[str, str], Figure]:
    """The rates in what `openssl speed` prints: the line above the figures names their columns."""
    found: dict[tuple[str, str], Figure] = {}
    columns = [""]
    for line in printed.splitlines():
        kind = next((kind for kind, pattern in OPENSSL_NAMES.items() if pattern.search(line)), None)
        if kind is None:
            columns = line.split()
            continue
        figures = dict(zip(columns, line.split()[-len(columns) :], strict=False))
        found |= {(kind, column): Figure(value=float(figures[f"{column}/s"])) for column in ("sign", "verify")}
    return found


def _cavage_parts() -> dict[str, Any]:
    body = json.dumps(note(SENDER, "one")).encode()
    headers = {"host": "127.0.0.1:1", "content-type": ACTIVITY}
    return {"method": "POST", "target": "/body/inbox", "headers": headers, "body": body, "now": datetime.now(UTC)}


def _signing() -> Callable[[], object]:
    parts, key = _cavage_parts(), keys_of(0)[0]
    return lambda: cavage.sign_request(**parts, key_id=SENDER.key_id, key=key)


def _checking() -> Callable[[], object]:
    parts, private = _cavage_parts(), keys_of(0)[0]
    parts["headers"] = cavage.sign_request(**parts, key_id=SENDER.key_id, key=private)
    key = private.public_key()
    return lambda: cavage.verify(cavage.read_signature(parts["headers"]), **parts, key=key)


def _proven() -> dict[str, Any]:
    key = keys_of(0)[1]
    method = f"{SENDER.place}#ed25519-key"
    return eddsa_jcs_2022.sign(note(SENDER, "one"), key=key, verification_method=method, created=datetime.now(UTC))


def _proving() -> Callable[[], object]:
    return _proven


def _proof_checking() -> Callable[[], object]:
    document, key = _proven(), keys_of(0)[1].public_key()
    return lambda: eddsa_jcs_2022.verify(document, key=key, now=None)


CHECK, SIGN = "draft-cavage signature of 2 kB checked", "draft-cavage signature of 2 kB made"
PROOF_CHECK, PROOF = "proof on 2 kB checked", "proof on 2 kB made"
_OURS: Mapping[str, Callable[[], Callable[[], object]]] = {
    CHECK: _checking,
    SIGN: _signing,
    PROOF_CHECK: _proof_checking,
    PROOF: _proving,
}
_BARE: Mapping[str, tuple[Callable[[], Callable[[], object]], str, str]] = {
    CHECK: (rsa_verify, "rsa", "verify"),
    SIGN: (rsa_sign, "rsa", "sign"),
    PROOF_CHECK: (ed25519_verify, "ed25519", "verify"),
    PROOF: (ed25519_sign, "ed25519", "sign"),
}
