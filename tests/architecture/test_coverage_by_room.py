"""The measure of each room: what must be run wholly is, and a shortfall is named."""

from __future__ import annotations

from typing import Any

from tests.architecture.coverage_by_room import room_of, rooms, shortfalls, whole_rooms


def told(run: int, of: int, *missing: int) -> dict[str, Any]:
    summary = {"covered_lines": run, "num_statements": of, "covered_branches": 0, "num_branches": 0}
    return {"summary": summary, "missing_lines": list(missing), "missing_branches": []}


def test_the_pure_rooms_and_receive_must_be_run_wholly() -> None:
    assert {"node.governance", "federation.assembly", "identity.canonical", "federation.receive"} <= set(whole_rooms())


def test_a_file_belongs_to_its_pure_room_or_to_the_first_folder_of_its_package() -> None:
    whole = ("node.governance", "identity.canonical")
    paths = ("node/governance/evidence/walk.py", "node/web/views/bars.py", "node/app.py", "identity/canonical.py")

    assert [room_of(path, whole) for path in paths] == ["node.governance", "node.web", "node", "identity.canonical"]


def test_a_room_below_its_measure_is_named_and_a_pure_one_with_its_lines() -> None:
    files = {
        "node/governance/quorum.py": told(99, 100, 7),
        "node/web/home.py": told(89, 100, 1),
        "node/api/body.py": told(90, 100, 1),
    }

    assert shortfalls(rooms(files, ("node.governance",)), ("node.governance",)) == [
        "node.governance: 99.00 % run, 100 % wanted",
        "    node/governance/quorum.py: 7",
        "node.web: 89.00 % run, 90 % wanted",
    ]
