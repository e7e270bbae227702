"""The verifier as one self-contained page: its modules, styles and texts put into one HTML, nothing of any node.

Called by the door that serves it and by the command that writes it to disk.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from node.governance.evidence.failures import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOM: Final = Path(__file__).parent
WEB: Final = ROOM.parent
MAIN: Final = "show/main.js"
STYLES: Final = (WEB / "static/site.css", WEB / "static/parts.css", ROOM / "page.css")
IMPORT: Final = re.compile(r'^import \{ ([\w, ]+) \} from "(\.[\w./]+)";\n', re.MULTILINE)
EXPORT: Final = re.compile(r"^export ((?:async )?function|const|class) (\w+)", re.MULTILINE)
ENDS_EARLY: Final = re.compile(r"</(script|style)", re.IGNORECASE)


@cache
def verifier_page() -> str:
    """The whole page. It needs no server and no network: its policy allows nothing but what is in it."""
    style, script = "\n".join(path.read_text("utf-8") for path in STYLES), program()
    checks = json.dumps(CHECKS, ensure_ascii=False)
    for part in (style, script, checks):
        if ENDS_EARLY.search(part):
            raise ValueError("a part of the page would end its own element")
    return _filled(
        policy=content_policy(),
        style=style,
        script=script,
        checks=checks,
        mark=base64.b64encode((WEB / "static/mark.svg").read_bytes()).decode(),
        patterns=(WEB / "templates/frame/patterns.svg").read_text("utf-8"),
    )


@cache
def content_policy() -> str:
    """What the page may do: run its own script and styles, show its mark, and nothing else."""
    style = "\n".join(path.read_text("utf-8") for path in STYLES)
    return (
        f"default-src 'none'; script-src {_hash(program())}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def program() -> str:
    """The modules as one script, each in a block of its own, those that others import first."""
    blocks = "\n".join(_block(name) for name in dict.fromkeys(_in_order(MAIN)))
    return f'"use strict";\nconst modules = {{}};\n{blocks}\n'


def _in_order(name: str) -> Iterator[str]:
    for _, path in IMPORT.findall(_source(name)):
        yield from _in_order(_resolved(name, path))
    yield name


def _block(name: str) -> str:
    source = _source(name)
    names = ", ".join(found[1] for found in EXPORT.findall(source))
    body = EXPORT.sub(r"\1 \2", IMPORT.sub(lambda it: _taken(name, it), source))
    return f'{{ // {name}\n{body}modules["{name}"] = {{ {names} }};\n}}'


def _taken(name: str, found: re.Match[str]) -> str:
    return f'const {{ {found[1]} }} = modules["{_resolved(name, found[2])}"];\n'


def _resolved(name: str, path: str) -> str:
    return (ROOM / name).parent.joinpath(path).resolve().relative_to(ROOM.resolve()).as_posix()


@cache
def _source(name: str) -> str:
    return (ROOM / name).read_text("utf-8")


def _filled(**parts: str) -> str:
    """The template with each `{{ name }}` replaced once; what was put in is not looked at again."""
    template = (ROOM / "page.html").read_text("utf-8")
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: parts[found[1]], template)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
