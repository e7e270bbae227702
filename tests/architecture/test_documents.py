"""What the documents say can be relied on: links lead somewhere, commands exist, numbers are the code's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from node.reference.commands import commands
from node.settings import Settings
from tests.architecture.repository import PACKAGES, ROOT, modules, our_files, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[`$ ])rochdale ((?:[a-z][a-z-]+ ?){1,3})([^\n`|&;]*)", re.MULTILINE)
MAKE = re.compile(r"(?:^|`)make ([a-z]+)\b", re.MULTILINE)
SHELL = re.compile(r"```(?:sh|console)\n(.*?)```", re.DOTALL)
PAGES = tuple(name for name in our_files() if name.endswith(".md"))
NAMING_COMMANDS = (*PAGES, "docker-compose.yml", "Dockerfile")
DECISION_LINES = 40

MUST_EXIST = (
    "index.md", "house-plan.md", "glossary.md", "tutorials/first-node.md", "tutorials/first-federation.md",
    "how-to/self-host.md", "how-to/grow-to-postgresql.md", "how-to/verify-a-decision.md", "how-to/join-an-assembly.md",
    "how-to/back-up-and-restore.md", "how-to/add-an-activity.md", "how-to/run-the-tests.md",
    "explanation/how-a-decision-travels.md", "explanation/why-evidence.md",
)  # fmt: skip


@pytest.mark.parametrize("name", MUST_EXIST)
def test_the_page_exists_and_is_reachable_from_the_index(name: str) -> None:
    index = text_of("docs/index.md") or ""

    assert text_of(f"docs/{name}")
    assert name == "index.md" or f"({name})" in index


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    broken = []
    for target in LINK.findall(text_of(page) or ""):
        path, _, anchor = unquote(target).partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        found = folder / path if path else ROOT / page
        if not found.exists() or (anchor and anchor not in set(_anchors(found.read_text(encoding="utf-8")))):
            broken.append(target)

    assert broken == []


def _anchors(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("#"):
            yield re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")


def _commands_named() -> Iterator[tuple[str, str, str]]:
    """(page, words after `rochdale`, rest of the line) of every command line in the documents."""
    for page in NAMING_COMMANDS:
        for words, rest in COMMAND.findall(_code_of(text_of(page) or "")):
            yield page, words.strip(), rest


def _code_of(text: str) -> str:
    """Fenced blocks, inline code, and what a comment says to type in a container, one per line."""
    typed = re.findall(r"^# +(docker compose .*)$", text, re.MULTILINE)
    return "\n".join([*SHELL.findall(text), *re.findall(r"`([^`\n]+)`", text), *typed])


def test_every_command_in_the_documents_exists() -> None:
    known = set(commands())
    groups = {name.rsplit(" ", 1)[0] for name in known if " " in name}
    unknown = []
    for page, words, _ in _commands_named():
        parts = words.split(" ")
        names = [" ".join(parts[:length]) for length in (2, 1)]
        if not any(name in known for name in names) and words not in groups:
            unknown.append(f"{page}: rochdale {words}")

    assert unknown == []


def test_every_option_in_the_documents_exists() -> None:
    unknown = []
    for page, words, rest in _commands_named():
        parts = words.split(" ")
        command = commands().get(" ".join(parts[:2])) or commands().get(parts[0])
        known = {
            flag for option in (command.params if command else ()) for flag in (*option.opts, *option.secondary_opts)
        }
        asked = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest))
        unknown += [f"{page}: rochdale {words} {flag}" for flag in asked - known - {"--help"} if command]

    assert unknown == []


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile") or "", re.MULTILINE))
    named = {(page, name) for page in PAGES for name in MAKE.findall(_code_of(text_of(page) or ""))}

    assert [pair for pair in sorted(named) if pair[1] not in targets] == []


def test_every_setting_in_the_documents_exists() -> None:
    of_tests = [name for page in ("tests/engines.py", "tests/interop/suite/checkout.py") for name in _settings_in(page)]
    known = {f"ROCHDALE_{name.upper()}" for name in Settings.model_fields} | set(of_tests)
    named = {(page, name) for page in (*PAGES, "docker-compose.yml", "Dockerfile") for name in _settings_in(page)}

    assert [pair for pair in sorted(named) if pair[1] not in known] == []


def _settings_in(page: str) -> list[str]:
    return re.findall(r"\bROCHDALE_[A-Z_]+[A-Z]\b", text_of(page) or "")


def test_decision_records_are_numbered_listed_and_short() -> None:
    records = sorted(name for name in our_files() if re.match(r"docs/decisions/\d{4}-", name))
    index = text_of("docs/decisions/README.md") or ""
    numbers = [int(name.split("/")[-1][:4]) for name in records]

    assert numbers == list(range(1, len(records) + 1))
    assert [name for name in records if f"({name.split('/')[-1]})" not in index] == []
    assert [name for name in records if len((text_of(name) or "").splitlines()) > DECISION_LINES] == []
    for name in records:
        text = text_of(name) or ""
        assert all(f"\n## {part}\n" in text for part in ("Context", "Choice", "Price")), name


def test_every_fep_we_claim_has_a_conformance_test() -> None:
    claimed = set(re.findall(r"\[FEP-([0-9a-f]{4})\]", text_of("FEDERATION.md") or ""))
    tests = [name for name in our_files() if name.startswith("tests/conformance/") and "/test_" in name]

    assert len(claimed) >= 10
    assert [fep for fep in sorted(claimed) if not any(f"fep_{fep}" in name for name in tests)] == []


def test_every_fep_the_code_cites_is_claimed_or_named() -> None:
    named = set(re.findall(r"FEP-([0-9a-f]{4})", text_of("FEDERATION.md") or ""))
    cited = {fep for module in modules() for fep in re.findall(r"FEP-([0-9a-f]{4})", module.text)}

    assert cited - named == set()


PROMISES_OF_THE_WIRE = (*range(1, 21), 22, 24, 25)  # P21 and P23 are about clients, which have no door here yet


def test_every_promise_of_the_wire_has_a_test_that_names_it() -> None:
    tests = [name for name in our_files() if re.fullmatch(r"tests/(?!architecture/).*test_\w+\.py", name)]
    named = {
        int(number)
        for name in tests
        for number in re.findall(r"(?<!-)(?:\bP|\btest_p)(\d{1,2})(?![-\d])", text_of(name) or "")
    }

    assert set(PROMISES_OF_THE_WIRE) - named == set()


def test_every_class_of_published_faults_has_tests_that_exist() -> None:
    rows = re.findall(
        r"^\| ([A-Z][^|]+) \|.*\| ([^|]+) \|$", text_of("docs/reference/advisories.md") or "", re.MULTILINE
    )
    named = {(kind, test) for kind, tests in rows for test in re.findall(r"`(test_\w+)`", tests)}
    tests = {
        test
        for name in our_files()
        for test in re.findall(r"^(?:async )?def (test_\w+)", text_of(name) or "", re.MULTILINE)
    }

    assert len(rows) >= 11
    assert {kind for kind, _ in rows} == {kind for kind, _ in named}
    assert [pair for pair in sorted(named) if pair[1] not in tests] == []


def test_the_house_plan_names_every_room() -> None:
    plan = text_of("docs/house-plan.md") or ""
    rooms = {
        "/".join(name.split("/")[:2])
        for name in our_files()
        if name.startswith(tuple(f"{package}/" for package in PACKAGES)) and name.count("/") >= 2
    }

    assert [room for room in sorted(rooms) if f"`{room.split('/')[1]}/`" not in plan and room not in plan] == []


def test_the_licence_is_whole() -> None:
    licence = text_of("LICENSE") or ""

    assert licence.strip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "How to Apply These Terms to Your New Programs" in licence
    assert [number for number in range(18) if f"\n  {number}. " not in licence] == []
