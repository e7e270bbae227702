"""Nothing of one machine, and no silenced checker without its reason, gets into the repository."""

from __future__ import annotations

import ast
import re

from tests.architecture.repository import modules, modules_of_tests, our_files, text_of

SLASH = "/"  # keeps these patterns from matching themselves
PLACES = re.compile(
    rf"(?<![\w.\-{SLASH}])(?:{SLASH}root{SLASH}|{SLASH}home{SLASH}\w|{SLASH}Users{SLASH}\w|{SLASH}work{SLASH}|C:\\Users)"
)
REGISTRY = re.compile(
    r"--(extra-)?index-url|--find-links|--trusted-host|pythonhosted\.org|/simple/|artifactory|devpi|nexus\."
)
UNCODED = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:\s?[A-Z]))")
PROMISES = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b")


def _matches(pattern: re.Pattern[str], *, spared: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{name}:{number} {line.strip()[:80]}"
        for name in our_files()
        if name not in spared
        for number, line in enumerate((text_of(name) or "").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_path_of_one_machine_is_written_down() -> None:
    assert _matches(PLACES) == []


def test_no_package_index_is_written_down() -> None:
    assert _matches(REGISTRY, spared=("tests/architecture/test_text.py",)) == []


def test_lock_files_pin_everything_with_a_hash() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        pins = re.split(r"\n(?=[a-z0-9])", text_of(lock) or "")
        assert len(pins) > 30
        assert [pin.splitlines()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_every_silenced_check_names_its_code() -> None:
    silenced = [
        f"{module.path}:{number}"
        for module in (*modules(), *modules_of_tests())
        for number, line in enumerate(module.text.splitlines(), start=1)
        if UNCODED.search(line)
    ]

    assert silenced == []


def test_nothing_is_promised_in_a_comment() -> None:
    assert [f"{module.path}" for module in modules() if PROMISES.search(module.text)] == []


def test_every_module_says_its_job() -> None:
    assert [module.path for module in modules() if not ast.get_docstring(module.tree)] == []


def test_text_files_end_with_one_newline() -> None:
    kinds = (".py", ".md", ".toml", ".yml", ".lock", "Makefile", "Dockerfile", ".html", ".css", ".js", ".jsonld")
    ragged = [
        name
        for name in our_files()
        if name.endswith(kinds) and (text := text_of(name)) and (not text.endswith("\n") or text.endswith("\n\n"))
    ]

    assert ragged == []
