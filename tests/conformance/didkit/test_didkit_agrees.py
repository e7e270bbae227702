"""DIDKit, an independent implementation, names the same key alike (I3). It runs apart: its threads outlive it."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import subprocess
import sys

import pytest

from identity.dids.did_key import did_key, verification_method
from identity.keys.pairs import generate_ed25519

ASK_DIDKIT = """
import asyncio, json, os, sys
import didkit

async def names(jwk):
    return [didkit.key_to_did("key", jwk), await didkit.key_to_verification_method("key", jwk)]

keys = json.load(sys.stdin)
print(json.dumps([asyncio.run(names(json.dumps(key))) for key in keys]), flush=True)
os._exit(0)
"""


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.skipif(
    "didkit" not in {found.name for found in importlib.metadata.distributions()},
    reason="didkit has no wheel for this interpreter and platform",
)
def test_didkit_gives_the_same_did_and_method_for_the_same_key() -> None:
    pairs = [generate_ed25519() for _ in range(8)]
    jwks = [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": base64url(pair.public.public_bytes_raw()),
            "d": base64url(pair.private.private_bytes_raw()),
        }
        for pair in pairs
    ]

    asked = subprocess.run(
        [sys.executable, "-c", ASK_DIDKIT],
        input=json.dumps(jwks),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    ours = [[did_key(pair.public), verification_method(did_key(pair.public))] for pair in pairs]
    assert json.loads(asked.stdout) == ours
