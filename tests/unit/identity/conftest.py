"""Keys and a moment that the tests of the identity floor share; making an RSA key takes a while."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from identity.keys.pairs import Ed25519Pair, RsaPair, generate_ed25519, generate_rsa


@pytest.fixture(scope="session")
def rsa_pair() -> RsaPair:
    return generate_rsa()


@pytest.fixture(scope="session")
def other_rsa_pair() -> RsaPair:
    return generate_rsa()


@pytest.fixture(scope="session")
def ed25519_pair() -> Ed25519Pair:
    return generate_ed25519()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
