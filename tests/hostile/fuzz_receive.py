"""Coverage-guided fuzzing of the receive pipeline: `python -m tests.hostile.fuzz_receive [folder of the corpus]`.

For people with time and atheris (`pip install atheris`), which the test suite neither needs nor installs. The first
byte of an input says how the request is signed, the rest is its body; what is found is written as `crash-…`.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

SIGNINGS = ("cavage", "message", "relay", "none")


def _atheris() -> ModuleType:
    try:
        return importlib.import_module("atheris")
    except ImportError:
        raise SystemExit("atheris is not installed: pip install atheris") from None


def main(arguments: list[str]) -> None:
    """Fuzz until stopped or until something is found."""
    atheris = _atheris()
    with atheris.instrument_imports(include=["federation", "identity", "node"]):
        drawn = importlib.import_module("tests.hostile.drawn")
        receivers = importlib.import_module("tests.hostile.receiver")
    folder = Path(tempfile.mkdtemp(prefix="rochdale-fuzz-"))
    receiver = receivers.open_receiver(folder / "node")
    corpus = Path(arguments[0]) if arguments else folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate(drawn.valid_activities(receiver)):
        (corpus / f"valid-{number}").write_bytes(bytes([number % len(SIGNINGS)]) + json.dumps(document).encode())

    def one_input(data: bytes) -> None:
        how, body = SIGNINGS[data[0] % len(SIGNINGS)] if data else "none", data[1:]
        with receivers.listening() as connected:
            status = receiver.take(body, receiver.headers_for(body, how))
        if status >= receivers.SERVER_FAULT or any(map(receivers.is_private, connected)):
            raise RuntimeError(f"answered {status}, connected to {connected}")

    atheris.Setup([sys.argv[0], str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
