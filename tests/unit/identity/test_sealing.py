from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from identity.errors import SealRefused
from identity.keys.sealing import Sealer, load_or_create_secret

if TYPE_CHECKING:
    from pathlib import Path

SECRET = bytes(range(32))


def test_what_is_sealed_opens_under_the_same_secret_and_label() -> None:
    sealed = Sealer(SECRET).seal(b"private", label="key 1")

    assert Sealer(SECRET).open(sealed, label="key 1") == b"private"


def test_sealing_twice_gives_different_bytes_that_hide_the_content() -> None:
    sealer = Sealer(SECRET)
    first, second = sealer.seal(b"private", label="key 1"), sealer.seal(b"private", label="key 1")

    assert first != second
    assert b"private" not in first


def test_a_row_swapped_for_another_does_not_open() -> None:
    sealed = Sealer(SECRET).seal(b"private", label="key 1")

    with pytest.raises(SealRefused) as refusal:
        Sealer(SECRET).open(sealed, label="key 2")

    assert refusal.value.code == "seal-broken"


def test_another_secret_does_not_open() -> None:
    sealed = Sealer(SECRET).seal(b"private", label="key 1")

    with pytest.raises(SealRefused):
        Sealer(bytes(32)).open(sealed, label="key 1")


def test_no_byte_of_what_is_sealed_can_be_altered() -> None:
    sealed = Sealer(SECRET).seal(b"private", label="key 1")

    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(SealRefused):
            Sealer(SECRET).open(bytes(altered), label="key 1")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(12), b"\x02" + bytes(60)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealRefused):
        Sealer(SECRET).open(sealed, label="key 1")


def test_a_short_secret_seals_nothing() -> None:
    with pytest.raises(SealRefused) as refusal:
        Sealer(bytes(31))

    assert refusal.value.code == "secret-unusable"


def test_the_secret_is_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    made = load_or_create_secret(path)

    assert len(made) == 32
    assert load_or_create_secret(path) == made
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_only_its_owner_may_read_the_secret(tmp_path: Path) -> None:
    load_or_create_secret(tmp_path / "secret")

    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(load_or_create_secret, [tmp_path / "secret"] * 32))

    assert len(secrets) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_a_secret_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    load_or_create_secret(path)
    path.chmod(0o604)

    with pytest.raises(SealRefused, match="chmod 600"):
        load_or_create_secret(path)


@pytest.mark.parametrize("content", ["", "zz" * 32, "00" * 31, "00" * 33, "é"])
def test_a_file_that_holds_no_secret_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(SealRefused) as refusal:
        load_or_create_secret(path)

    assert refusal.value.code == "secret-unusable"
    assert path.read_text() == content


def test_a_secret_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir(mode=0o700)

    with pytest.raises(SealRefused):
        load_or_create_secret(tmp_path / "secret")


def test_a_draft_is_cleared_away_when_the_disk_refuses(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "secret"

    with pytest.raises(FileNotFoundError):
        load_or_create_secret(missing)

    assert os.listdir(tmp_path) == []  # noqa: PTH208
