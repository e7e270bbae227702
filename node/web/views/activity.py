"""Signed messages as plain sentences: who did what, for the public log and the home page.

Called by node.web.activity and node.web.home.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from node.web.views.wording.labels import CHOICES, PROPOSAL_STATES, label
from node.web.views.wording.places import host_of, local_path
from node.web.views.wording.times import MONTHS, WEEKDAYS, Moment, moment

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import ActivityRecord

SENTENCES: Mapping[tuple[str, str], str] = {
    ("Create", "proposal"): "%(actor)s opened “%(title)s” for ballots",
    ("Create", "ballot"): "%(actor)s received an open ballot: %(choice)s",
    ("Create", "position"): "%(actor)s reported its position: %(choice)s",
    ("Create", "outcome"): "%(actor)s published an outcome: %(outcome)s",
    ("Create", "veto"): "%(actor)s vetoed a proposal of its assembly",
    ("Create", "reminder"): "%(actor)s reminded of a position that is missing",
    ("Create", "relief"): "%(actor)s began a relief: “%(title)s”",
    ("Create", "stock"): "%(actor)s said what it has and needs in an emergency",
    ("Create", "plan"): "%(actor)s drafted version %(version)s of a plan for sharing",
    ("Create", "endorsement"): "%(actor)s spoke on a plan for sharing: %(choice)s",
    ("Create", "delivery"): "%(actor)s said what became of a transfer",
    ("Create", "appeal"): "%(actor)s appealed in a relief",
    ("Create", "answer"): "%(actor)s answered an appeal",
    ("Create", "statute"): "%(actor)s published version %(version)s of its statute",
    ("Create", "offer"): "%(actor)s published the offer “%(title)s”",
    ("Create", "request"): "%(actor)s asks for “%(title)s”",
    ("Create", ""): "%(actor)s published something new",
    ("Update", "answered"): "%(actor)s told what the fediverse answered to “%(title)s”",
    ("Update", "proposal"): "%(actor)s closed “%(title)s”",
    ("Update", ""): "%(actor)s published a change",
    ("Delete", ""): "%(actor)s took something back",
    ("Announce", ""): "%(actor)s passed a message on",
    ("Join", ""): "%(actor)s asks to join",
    ("Leave", ""): "%(actor)s leaves",
    ("Accept", ""): "%(actor)s accepted",
    ("Reject", ""): "%(actor)s declined",
    ("Follow", ""): "%(actor)s follows",
    ("Undo", ""): "%(actor)s took a step back",
}
WAYS = {"out": "Said:", "in": "Heard:"}
ROOMS = {
    "proposal": "proposals",
    "answered": "proposals",
    "offer": "offers",
    "relief": "reliefs",
    "request": "offers",
}
IN_RELIEFS = frozenset({"stock", "plan", "endorsement", "delivery", "appeal", "answer"})
OUTCOMES = {"passed": "passed", "rejected": "rejected", "no_quorum": "closed_without_quorum"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """One signed message in the log."""

    at: Moment
    clock: str
    way: str
    sentence: str
    type: str
    href: str | None
    place: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one day, UTC."""

    key: str
    title: str
    lines: Sequence[ActivityLine]


def activity_sentence(document: Mapping[str, Any], names: Mapping[str, str], setting: Setting) -> str:
    """What a message says; an Announce is told by what it passes on."""
    say = setting.say
    actor, carried = str(document.get("actor", "")), document.get("object")
    name = names.get(actor) or host_of(actor)
    inner = carried if isinstance(carried, Mapping) else {}
    if document.get("type") == "Announce" and "actor" in inner:
        return say("%(actor)s passed on: %(what)s", actor=name, what=activity_sentence(inner, names, setting))
    kind = _kind(inner)
    form = SENTENCES.get((str(document.get("type")), kind)) or SENTENCES.get((str(document.get("type")), ""))
    return say(form or "%(actor)s sent a message", **_values(inner, name, setting))


def place_of(document: Mapping[str, Any], setting: Setting) -> str | None:
    """The page on this node that a message is about; None when it has none."""
    carried = document.get("object")
    if not isinstance(carried, Mapping):
        return None
    if document.get("type") == "Announce" and "actor" in carried:
        return place_of(carried, setting)
    kind, about = _kind(carried), str(carried.get("id", ""))
    if kind in {"position", "outcome", "ballot", "veto", "reminder"}:
        named = carried["governance"].get("proposal")
        about, kind = (str(named.get("id", "")), "proposal") if isinstance(named, Mapping) else ("", "")
    if kind in IN_RELIEFS:
        named = carried["governance"].get("relief")
        about, kind = (str(named.get("id", "")), "relief") if isinstance(named, Mapping) else ("", "")
    room = ROOMS.get(kind)
    return local_path(about, origin=setting.origin, room=room) if room and about else None


def _kind(inner: Mapping[str, Any]) -> str:
    governance = inner.get("governance")
    if isinstance(governance, Mapping):
        kind = str(governance.get("kind", ""))
        return "answered" if kind == "proposal" and "updated" in inner and "closed" not in inner else kind
    return str(inner.get("purpose", ""))


def _values(inner: Mapping[str, Any], name: str, setting: Setting) -> dict[str, object]:
    found = inner.get("governance")
    governance = found if isinstance(found, Mapping) else {}
    outcome = str(governance.get("outcome", ""))
    return {
        "actor": name,
        "title": str(inner.get("name") or governance.get("title") or "…"),
        "choice": label(CHOICES, str(governance.get("choice", "")), setting.say),
        "version": str(governance.get("version", "")),
        "outcome": setting.say(PROPOSAL_STATES[OUTCOMES[outcome]][0]) if outcome in OUTCOMES else outcome,
    }


def _document(record: ActivityRecord) -> Mapping[str, Any]:
    try:
        read: Mapping[str, Any] = json.loads(record.raw)
    except ValueError:
        return {"type": record.type, "actor": record.actor_id}
    return read


def speakers(record: ActivityRecord) -> Iterator[str]:
    """The actors that the line of a stored message names: whoever said it, and whose words it passes on."""
    document: object = _document(record)
    while isinstance(document, Mapping) and "actor" in document:
        yield str(document["actor"])
        document = document.get("object")


def activity_line(record: ActivityRecord, names: Mapping[str, str], setting: Setting) -> ActivityLine:
    """The line of a stored message."""
    document = _document(record)
    at = moment(record.received_at, now=setting.now, say=setting.say)
    return ActivityLine(
        at=at,
        clock=at.iso[11:16],
        way=setting.say(WAYS[record.direction]),
        sentence=activity_sentence(document, names, setting),
        type=record.type,
        place=place_of(document, setting),
        href=record.id if record.id.startswith(("https://", "http://")) else None,
    )


def by_day(lines: Sequence[ActivityLine], setting: Setting) -> tuple[Day, ...]:
    """The lines under the day they came, newest first as given."""
    return tuple(
        Day(key, _day_title(key, setting), tuple(group))
        for key, group in groupby(lines, key=lambda line: line.at.iso[:10])
    )


def _day_title(key: str, setting: Setting) -> str:
    day, say = date.fromisoformat(key), setting.say
    if day == setting.now.date():
        return say("Today, UTC")
    values = {"weekday": say(WEEKDAYS[day.weekday()]), "day": day.day, "month": say(MONTHS[day.month - 1])}
    return say("%(weekday)s %(day)s %(month)s %(year)s, UTC", year=day.year, **values)
