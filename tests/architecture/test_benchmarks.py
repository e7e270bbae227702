"""Every benchmark still runs, and writes what it found in the one shape; how fast it is, is nobody's business here."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.repository import ROOT, text_of
from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.rig.load import answer_size
from tests.benchmarks.rig.rows import Figure, Row
from tests.benchmarks.signatures import read_openssl

if TYPE_CHECKING:
    from pathlib import Path

HALF, WHOLE = Figure(value=50.0, cpu_ms=1.0), Figure(value=100.0, cpu_ms=4.0)
OPENSSL = """\
                  sign    verify    encrypt   decrypt   sign/s verify/s  encr./s  decr./s
rsa  2048 bits 0.000281s 0.000018s 0.000019s 0.000283s   3559.2  54696.5  52000.1   3540.0
                              sign    verify    sign/s verify/s
 253 bits EdDSA (Ed25519)   0.0000s   0.0001s  27127.7   9426.0
"""


@pytest.mark.parametrize("name", BENCHMARKS)
async def test_a_quick_run_compares_ours_with_a_limit(name: str, tmp_path: Path) -> None:
    written = tmp_path / "benchmarks.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--only", name, "--output", str(written)]

    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()

    assert process.returncode == 0, printed.decode()
    document = json.loads(written.read_text(encoding="utf-8"))
    assert document.keys() == {"machine", "scale", "seconds", "rows"}
    assert {row["benchmark"] for row in document["rows"]} == {name}
    assert [row["against"] for row in document["rows"] if row["ours"]["value"] <= 0] == []
    assert [
        row["against"] for row in document["rows"] if (row["ratio"] is None) != ("not measured" in row["remark"])
    ] == []


def test_a_ratio_says_how_many_times_as_fast_we_are() -> None:
    rate = Row(path="a", unit="per s", ours=HALF, against="b", limit=WHOLE)
    wait = Row(path="a", unit="s", ours=HALF, against="b", limit=WHOLE)
    alone = Row(path="a", unit="s", ours=HALF, against="b", limit=None, remark="not measured: no Node.js")

    assert (rate.ratio, wait.ratio, alone.ratio) == (0.5, 2.0, None)
    assert (rate.cpu_ratio, alone.cpu_ratio) == (4.0, None)


def test_the_rates_of_openssl_are_read_by_the_names_of_their_columns() -> None:
    rates = {name: figure.value for name, figure in read_openssl(OPENSSL).items()}

    assert rates == {
        ("rsa", "sign"): 3559.2,
        ("rsa", "verify"): 54696.5,
        ("ed25519", "sign"): 27127.7,
        ("ed25519", "verify"): 9426.0,
    }


@pytest.mark.parametrize(
    ("buffer", "size"),
    [
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nokHTTP", 46),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\no", None),
        (b"HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 65),
        (b"HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", None),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 27),
        (b"HTTP/1.1 204 No", None),
    ],
)
def test_an_answer_ends_where_http_says(buffer: bytes, size: int | None) -> None:
    assert answer_size(buffer) == size


def test_every_benchmark_is_described() -> None:
    page = text_of("docs/how-to/measure.md") or ""

    assert [name for name in BENCHMARKS if f"`{name}`" not in page] == []
