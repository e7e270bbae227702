"""A flood as the preview draws it: a relief at three moments, seen by a taker, by the assembly and by a giver."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from federation.assembly.relief.shapes import Adjustment, StockLine
from identity.canonical import content_digest
from node.services.reliefs.log import Log, entry_of
from node.web.reliefs.opening import form_page
from node.web.views.reliefs.page import relief_line, relief_page
from storage.records import ReliefRecord
from tests.unit.relief.worlds import FLOUR, NOW, UNTIL, WATER, World, actor, did

if TYPE_CHECKING:
    from node.web.views.reliefs.page import ReliefPage
    from node.web.views.wording.setting import Setting

TYPED = {"title": "The flood", "text": "The river took three villages.", "good-1": "Flour", "reserve": "a fifth"}
WATERS = {"apple": (4_000, 1_000), "birch": (0, 900), "cedar": (600, 600), "dill": (100, 1_200), "elm": (0, 750)}
NOTES = {
    "birch": "The school kitchen feeds two hundred. Come by the upper road, the lower one is under water.",
    "elm": "The mill is flooded.",
}


def reported(*names: str) -> World:
    """The survey has passed and these co-ops have said what they have and need."""
    world = World(goods=(FLOUR, WATER)).surveyed()
    for name in names:
        plain = world.stock(name)["governance"]["lines"][0]
        lines = [StockLine("flour", plain["held"], plain["needed"]), StockLine("water", *WATERS[name])]
        world.take(world.stock(name, lines=lines, note=NOTES.get(name, "")))
    return world


def asked_for_stock(setting: Setting) -> ReliefPage:
    """Birch, which has not said anything."""
    return page_at(reported("apple", "elm"), "birch", setting, now=NOW + timedelta(hours=5))


def before_the_council(setting: Setting) -> ReliefPage:
    """The assembly, which may put its second version; one appeal waits, and elm reported again."""
    world = reported("apple", "birch", "cedar", "dill", "elm")
    world.take(world.plan(text="Flour first."))
    by_hand = Adjustment(did("elm"), "flour", 45, "Its mill is under water.")
    plan = world.take(world.plan(2, adjustments=[by_hand], text="Flour by lorry on Tuesday. Water follows by boat."))
    world.take(*(world.endorsement(name, plan) for name in ("apple", "birch", "cedar")))
    world.take(world.endorsement("dill", plan, in_favour=False), world.stock("elm", seq=2, people=90))
    world.take(world.appeal(plan, "dill", 2, "Our cellar holds 20 sacks, not more."))
    return page_at(world, "north", setting, now=UNTIL + timedelta(hours=1))


def on_the_way(setting: Setting, viewer: str = "apple") -> ReliefPage:
    """The plan is in force: one transfer arrived short, one is held, and one word does not count."""
    world = reported("apple", "birch", "cedar", "dill", "elm")
    plan = world.in_force()
    world.take(
        world.delivery(plan, "apple", 1, "sent", 33, at=NOW + timedelta(days=3)),
        world.delivery(plan, "birch", 1, "arrived", 30, at=NOW + timedelta(days=3)),
        world.delivery(plan, "cedar", 4, "sent", 20, at=NOW + timedelta(days=3)),
    )
    world.take(world.answer(world.take(world.appeal(plan, "dill", 2)), upheld=True))
    world.take(world.delivery(plan, "apple", 2, "sent", 22))
    world.take(world.appeal(plan, "elm", None, "Nobody asked the mill."))
    return page_at(world, viewer, setting, now=NOW + timedelta(days=5, hours=1))


def page_at(world: World, viewer: str, setting: Setting, *, now: Any) -> ReliefPage:
    log = log_of(world)
    entries = [
        entry_of(log.relief.id, document, at=NOW + timedelta(minutes=place), source="peer")
        for place, document in enumerate(world.log[1:])
        if document["governance"]["kind"] != "statute"
    ]
    there = setting_at(viewer, setting, now)
    return relief_page(log, entries[::-1], there, is_operator=True)


def setting_at(viewer: str, setting: Setting, now: Any) -> Setting:
    return replace(setting, origin=f"https://{viewer}.example", body_did=did(viewer), now=now)


def log_of(world: World) -> Log:
    relief = world.state.relief
    record = ReliefRecord(
        id=relief.ref.id,
        assembly_did=relief.body,
        assembly_actor=actor("north"),
        title=relief.title,
        survey_id=relief.survey.id,
        statute_digest=relief.statute,
        stock_until=relief.stock_until,
        document=world.relief,
        digest=content_digest(world.relief),
        received_at=NOW,
    )
    arrivals = {content_digest(each): NOW for each in world.log[1:] if each["governance"]["kind"] != "statute"}
    return Log(record, arrivals, {}, frozenset(), world.state, ())


def listed(setting: Setting) -> Any:
    """The list of reliefs: one that asks for stock, one under way."""
    lines = []
    for world in (reported("apple"), World()):
        log = log_of(world)
        lines.append(relief_line(log.relief, log.state, setting_at("apple", setting, NOW + timedelta(hours=5))))
    return SimpleNamespace(lines=lines, may_open=True, earlier=None, later=None)


def opening(setting: Setting) -> Any:
    """The form that opens one, with something in it that cannot be."""
    return form_page(setting.say, TYPED, "The reserve must be a fraction like 1/5.")
