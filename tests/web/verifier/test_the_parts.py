"""The modules of the page: all of them in it, small, in plain imports; nothing reaches out or writes markup."""

from __future__ import annotations

import re

import pytest

from node.web.verifier.page import EXPORT, IMPORT, ROOM, content_policy, program, verifier_page

MODULES = {path.relative_to(ROOM).as_posix(): path.read_text("utf-8") for path in sorted(ROOM.glob("*/*.js"))}
LONGEST_LINE, LONGEST_MODULE = 120, 300
OUTWARD = re.compile(
    r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|innerHTML|outerHTML|insertAdjacentHTML|eval|Function"
    r"|localStorage|sessionStorage|indexedDB|Math\.random|Date\.now)\b"
)
FLOAT = re.compile(r"parseFloat|toFixed|Math\.(sqrt|cbrt|pow|round)")


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_in_the_page_and_takes_only_what_others_give(name: str) -> None:
    given = {(path, found) for path, source in MODULES.items() for _, found in EXPORT.findall(source)}
    taken = {
        ((ROOM / name).parent.joinpath(path).resolve().relative_to(ROOM.resolve()).as_posix(), each)
        for names, path in IMPORT.findall(MODULES[name])
        for each in names.split(", ")
    }

    assert f"{{ // {name}\n" in program()
    assert taken <= given
    assert [each for _, each in taken if len(re.findall(rf"\b{each}\b", MODULES[name])) < 2] == []
    assert len(re.findall(r"^\s*(?:import|export)\b", MODULES[name], re.MULTILINE)) == len(
        IMPORT.findall(MODULES[name]) + EXPORT.findall(MODULES[name])
    )


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_small_and_says_its_job(name: str) -> None:
    lines = MODULES[name].splitlines()

    assert len(lines) <= LONGEST_MODULE
    assert [line for line in lines if len(line) > LONGEST_LINE] == []
    assert lines[0].startswith("// ")


@pytest.mark.parametrize("name", MODULES)
def test_a_module_reaches_nowhere_writes_no_markup_and_decides_without_floating_point(name: str) -> None:
    assert OUTWARD.findall(MODULES[name]) == []
    assert FLOAT.findall(MODULES[name]) == []


def test_what_is_exported_is_used() -> None:
    everything = "\n".join(MODULES.values())
    exported = [found for source in MODULES.values() for _, found in EXPORT.findall(source)]

    assert [name for name in exported if len(re.findall(rf"\b{name}\b", everything)) < 3] == []


def test_the_page_holds_everything_itself_and_its_policy_allows_no_network() -> None:
    page = verifier_page()

    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "{{ " not in re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    assert content_policy() in page
    assert content_policy().startswith("default-src 'none';")
    assert "unsafe" not in content_policy()
