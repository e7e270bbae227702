"""Draws every page from sample records into a folder and photographs it: `python -m tests.web.preview FOLDER`.

For whoever changes a template or a style; it needs a Chromium but no node, no database and no network.
"""

from __future__ import annotations

import shutil
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from federation.assembly.tally import Tally
from node.services.house.addresses import Prospect
from node.web.frame.render import CONSOLE_PLACES, STATIC, links, menu, page_html
from node.web.frame.security import Visitor
from node.web.moving import MovingPage
from node.web.views import activity, ballots, console, federation, offers, proposals, standing
from node.web.views.ballots import Option
from node.web.views.bodies.branches import Asked, branch, branch_page
from node.web.views.drafts import draft_form
from node.web.views.wording.places import Link
from node.web.views.wording.sentences import Count
from node.web.views.wording.times import moment
from storage.records import DeliverySummary, JobSummary
from tests.unit.relief import pages as floods
from tests.web import sample as s
from tests.web.crowd import crowd

SETTING = s.setting()
SAY = SETTING.say
OPERATOR = s.member("marta", "Marta Soler", "member", "operator")
NAMES = {"Aina": "Aina Puig", "pol": "Pol Ferrer", "nuria": "Núria Camps", "jordi": "Jordi Vila", "laia": "Laia Roca"}
NEW_HOME = Prospect("Gràcia", "https://gracia.coop.example/body", 14, ("Barcelona",), 2)
Page = tuple[str, str, Any, bool]


def main(folder: Path) -> None:
    """Write the pages and their pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    pages = all_pages()
    for name, (template, here, page, is_signed_in) in pages.items():
        (folder / f"{name}.html").write_text(draw(template, here, page, is_signed_in=is_signed_in))
    photograph(folder, list(pages))


def draw(template: str, here: str, page: Any, *, is_signed_in: bool) -> str:
    visitor = Visitor(OPERATOR if is_signed_in else None, s.session("x") if is_signed_in else None, "csrf")
    html = page_html(
        template,
        page,
        say=SAY,
        body=SimpleNamespace(name="Gràcia", did=s.did("Gràcia"), kind="coop"),
        address="@gracia@127.0.0.1:8104",
        member=visitor.member,
        csrf="csrf",
        notice=None,
        places=menu(visitor, here, SAY),
        console_places=links(CONSOLE_PLACES, here, SAY),
    )
    return html.replace('"/static/', '"static/')


def photograph(folder: Path, names: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                for name in names:
                    view.goto((folder / f"{name}.html").as_uri())
                    view.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
        browser.close()


def all_pages() -> dict[str, Page]:
    """Every page by name: template, place in the menu, view, whether somebody is signed in."""
    return {
        "home": ("home.html", "home", home(), True),
        "welcome": ("home.html", "home", welcome(), False),
        "sign-in": (
            "sign_in.html",
            "",
            SimpleNamespace(refusal="Name and passphrase do not match.", name="marta", next="/"),
            False,
        ),
        "proposals": ("proposals/list.html", "proposals", proposal_list(), True),
        "proposal-open": ("proposals/page.html", "proposals", open_proposal(), True),
        "proposal-passed": ("proposals/page.html", "proposals", passed_proposal(), False),
        "proposal-draft": ("proposals/page.html", "proposals", draft_proposal(), True),
        "proposal-form": ("proposals/form.html", "proposals", proposal_form(), True),
        "federation": ("federation.html", "federation", federation_page(), True),
        "federation-big": ("federation.html", "federation", big_federation_page(), False),
        "offers": ("offers.html", "offers", offer_list(), True),
        "offer": ("offer.html", "offers", offers.offer_page(OFFERS[1], SETTING, may_withdraw=True), True),
        "offer-form": ("offer_form.html", "offers", offer_form(), True),
        "activity": ("activity.html", "activity", SimpleNamespace(days=days(), earlier="?before=3", later=None), False),
        "members": ("members.html", "members", member_list(), True),
        "assemblies": ("assemblies.html", "assemblies", assemblies(), True),
        "operator": ("operator.html", "operator", operator(), True),
        "moving": ("moving.html", "moving", moving(None), True),
        "moving-confirm": ("moving.html", "moving", moving(NEW_HOME), True),
        "reliefs": ("reliefs/list.html", "federation", floods.listed(SETTING), True),
        "relief-form": ("reliefs/form.html", "federation", floods.opening(SETTING), True),
        "relief-stock": ("reliefs/page.html", "federation", floods.asked_for_stock(SETTING), True),
        "relief-council": ("reliefs/page.html", "federation", floods.before_the_council(SETTING), True),
        "relief-giver": ("reliefs/page.html", "federation", floods.on_the_way(SETTING, "apple"), True),
        "relief-taker": ("reliefs/page.html", "federation", floods.on_the_way(SETTING, "dill"), True),
        "profile": ("profile.html", "", profile(), True),
        "problem": ("frame/problem.html", "", problem(), False),
    }


def facts(record: Any, name: str = "Gràcia", **more: Any) -> standing.ProposalFacts:
    is_assembly = s.BODIES[name][0] == "assembly"
    count = Count(
        tally=s.TALLIES[name],
        denominator=10 if is_assembly else 1,
        needed=13 if is_assembly else 16,
        of_bodies=is_assembly,
    )
    return standing.ProposalFacts(record=record, decider=name, count=count, **more)


def commons_facts() -> federation.FederationFacts:
    names = [name for name, (kind, *_) in s.BODIES.items() if kind == "assembly"]
    choices = {"Chamberí": "against", "Alfama": "against", "Mouraria": "against", "Lisbon": "against"}
    found = {}
    for name in names:
        for below in s.BODIES[name][2]:
            found[s.did(below)] = s.position(below, name, choices.get(below, "for"))
    found[s.did("Sagrada Família")] = s.position("Sagrada Família", "Barcelona", "for", status="late")
    del found[s.did("Graça")]
    return federation.FederationFacts(
        statutes={s.did(name): s.statute(name) for name in names},
        proposals={
            s.actor("Iberian Commons"): s.decided("Iberian Commons"),
            s.actor("Lisbon"): s.proposal("Lisbon"),
            s.actor("Graça"): s.proposal("Graça"),
        },
        positions=found,
        tallies={s.actor(name): s.TALLIES[name] for name in ("Iberian Commons", "Graça")},
    )


def open_proposal() -> Any:
    record = s.proposal(upstream_id=s.proposal("Barcelona").id, root_id="x")
    mine = s.ballot(OPERATOR, "for")
    voters = [s.member(name, shown) for name, shown in NAMES.items()]
    choices = ("for", "for", "against", "for", "abstain")
    cast = [s.ballot(voter, choice, 7 * at + 2) for at, (voter, choice) in enumerate(zip(voters, choices, strict=True))]
    reading = proposals.Reading(
        ballot=ballots.ballot_form(record, mine, weight=1, setting=SETTING),
        receipt=ballots.receipt(record, mine, SETTING),
        recent=proposals.recent_ballots(cast, {voter.did: voter.display_name for voter in voters}, SETTING),
        links=(Link("The frozen text, signed", "#", note="sha256:4be14be1…"), Link("The proposal of Barcelona", "#")),
    )
    return proposals.proposal_page(facts(record, above="Barcelona"), reading, SETTING)


def passed_proposal() -> Any:
    record = s.decided(
        "Iberian Commons", decision_document={}, outcome_document={"governance": {"members": s.MEMBERS.to_document()}}
    )
    lines = federation.constituent_lines(s.did("Iberian Commons"), commons_facts(), SETTING, is_decided=True)
    reading = proposals.Reading(
        bodies=lines,
        links=(
            Link("Recount this yourself", "#", note="The evidence of every level, to check with no network."),
            Link("Check it in your browser", "#", note="Choose the evidence there. The page sends nothing anywhere."),
            Link("The signed outcome", "#", note="sha256:8c0a4f11…"),
        ),
        why_not=None,
    )
    told = facts(record, "Iberian Commons", divergence=federation.divergence_sentence(record, SETTING))
    return proposals.proposal_page(told, reading, SETTING)


def draft_proposal() -> Any:
    record = s.proposal(
        state="submitted", title="Buy a second cargo bike", text="It pays for itself in *fourteen* months."
    )
    told = facts(record, author="Núria Camps")
    reading = proposals.Reading(actions=proposals.actions(record, is_author=False, is_operator=True, setting=SETTING))
    return proposals.proposal_page(told, reading, SETTING)


def proposal_form() -> Any:
    return draft_form(SETTING, {"title": "Buy a second cargo bike", "text": "It pays for itself."}, bylaws=s.RULE)


def proposal_list() -> Any:
    lines = [
        standing.proposal_line(facts(s.proposal()), SETTING),
        standing.proposal_line(
            standing.ProposalFacts(
                record=s.proposal(title="Keep the shop open on Sundays"),
                decider="Gràcia",
                count=Count(tally=Tally(0, 0, 0, 31)),
            ),
            SETTING,
        ),
    ]
    done = [
        standing.proposal_line(facts(s.decided("Iberian Commons"), "Iberian Commons"), SETTING),
        standing.proposal_line(
            facts(s.decided("Gràcia", "rejected", title="Raise the yearly share to 60 €", tally=None)), SETTING
        ),
        standing.proposal_line(
            facts(s.decided("Gràcia", "closed_without_quorum", title="Change the statutes, article 9")), SETTING
        ),
    ]
    draft = [standing.proposal_line(facts(s.proposal(state="submitted", title="Buy a second cargo bike")), SETTING)]
    return SimpleNamespace(
        groups=[
            SimpleNamespace(key="open", title="Open", lines=lines, nothing=""),
            SimpleNamespace(key="waiting", title="In preparation", lines=draft, nothing=""),
            SimpleNamespace(key="decided", title="Decided", lines=done, nothing=""),
            SimpleNamespace(key="elsewhere", title="How other bodies put it to their members", lines=lines, nothing=""),
        ],
        earlier=None,
        later=None,
    )


def big_federation_page() -> Any:
    told = crowd()
    (top,) = (branch(place, told) for place in federation.roots(told))
    return federation.FederationPage(
        sentence="10,211 bodies on 4 levels, as their signed statutes name them.",
        trees=(),
        branches=[branch_page(top, Asked(name="harbour 7 co-op 1"), told, SETTING)],
        decision=None,
        decisions=(),
        divergence=None,
        contradictions=(),
        join_path=None,
    )


def federation_page() -> Any:
    told = commons_facts()
    root = s.decided("Iberian Commons", outcome_document={"governance": {"members": s.MEMBERS.to_document()}})
    return federation.FederationPage(
        sentence="13 bodies on 3 levels, as their signed statutes name them.",
        trees=federation.federation_trees(told, SETTING),
        branches=(),
        decision=standing.proposal_line(facts(root, "Iberian Commons"), SETTING),
        decisions=[Link(s.TITLE, "#", is_here=True), Link("A common purchase of flour", "#")],
        divergence=federation.divergence_sentence(root, SETTING),
        contradictions=(),
        join_path="/assemblies",
    )


OFFERS = (
    s.offer(1, "Cargo bike for weekends", "A *Bullitt* with a rain cover. From Friday evening to Sunday evening."),
    s.offer(2, "Bakery oven on Tuesdays", "Free from 14:00. You bring flour and clean it afterwards.",
            ring="federation", owner_name="Eixample", place="Carrer de Girona", reciprocal="Two loaves"),
    s.offer(3, "Somebody who can weld", "A gate came off its hinges. Half a day of work at most.", purpose="request",
            ring="federation", owner_name="Sagrada Família", place=None, reciprocal="Lunch, and three hours"),
    s.offer(4, "Seeds of old tomatoes", "Twelve kinds, kept since 1998.", ring="beyond", owner_name="Graça"),
)  # fmt: skip


def offer_list() -> Any:
    from node.web.offers import PURPOSE_CHOICES, RING_CHOICES, choices

    return SimpleNamespace(
        text="",
        ring="all",
        rings=choices(RING_CHOICES, SAY),
        purpose="all",
        purposes=choices(PURPOSE_CHOICES, SAY),
        found="4 found",
        cards=[offers.offer_card(record, SETTING) for record in OFFERS],
        earlier="?page=2",
        later=None,
    )


def offer_form() -> Any:
    from node.web.offers import form_view

    return form_view(SETTING, {})


def lines() -> list[activity.ActivityLine]:
    names = {s.actor(name): name for name in s.BODIES}
    report = {"governance": {"kind": "position", "choice": "against"}}
    relayed = {"type": "Create", "actor": s.actor("Sagrada Família"), "object": report}
    told: list[tuple[str, dict[str, Any]]] = [
        ("Gràcia", {"object": {"governance": {"kind": "position", "choice": "for"}}}),
        ("Barcelona", {"object": {"name": s.TITLE, "governance": {"kind": "proposal"}}}),
        ("Eixample", {"object": {"name": "Bakery oven on Tuesdays", "purpose": "offer"}}),
        ("Gràcia", {"object": {"governance": {"kind": "ballot", "choice": "abstain"}}}),
        ("Barcelona", {"type": "Announce", "object": relayed}),
        ("Iberian Commons", {"object": {"governance": {"kind": "outcome", "outcome": "passed"}}}),
        ("Barcelona", {"object": {"governance": {"kind": "statute", "version": 3}}}),
    ]  # fmt: skip
    return [
        activity.activity_line(s.activity(at + 1, name, document), names, SETTING)
        for at, (name, document) in enumerate(told)
    ]


def days() -> Any:
    return activity.by_day(lines(), SETTING)


def home() -> Any:
    def need(kind: str, title: str, tone: str, hours: int) -> Any:
        when = moment(s.NOW + timedelta(hours=hours), now=s.NOW, say=SAY)
        return SimpleNamespace(
            kind=kind, title=title, tone=tone, when=when, when_label="Closes", action="Cast", href="#"
        )

    return SimpleNamespace(
        needs=[
            need("Closes soon, your ballot is missing", s.TITLE, "soon", 20),
            need("Your ballot is missing", "Keep the shop open on Sundays", "calm", 90),
            SimpleNamespace(
                kind="Your draft",
                title="Paint the shutters green",
                tone="calm",
                when=None,
                when_label="",
                action="Edit",
                href="#",
            ),
        ],
        happened=lines()[:5],
        decisions=[standing.proposal_line(facts(s.decided("Iberian Commons"), "Iberian Commons"), SETTING)],
        welcome="",
    )


def welcome() -> Any:
    told = home()
    told.welcome = "A co-operative with 31 members. It decides here, together with Barcelona."
    return told


def member_list() -> Any:
    people = [
        ("marta", "Marta Soler", "Member, operator"),
        *[(name.lower(), shown, "Member") for name, shown in NAMES.items()],
    ]
    since = moment(s.NOW - timedelta(days=200), now=s.NOW, say=SAY)
    return SimpleNamespace(
        sentence="6 members stand on the roll when a proposal opens.",
        lines=[SimpleNamespace(name=n, display_name=d, roles=r, weight=1, since=since) for n, d, r in people],
        has_weights=False,
        may_enrol=True,
        refusal=None,
        name="",
        display_name="",
    )


def assemblies() -> Any:
    return SimpleNamespace(
        refusal=None,
        above=[console.membership_line(s.membership("Barcelona"), SETTING)],
        address="",
        is_assembly=True,
        applications=[console.membership_line(s.membership("Graça", "below", "asked"), SETTING)],
        below=[console.membership_line(s.membership("Eixample", "below", weight=9), SETTING, denominator=10)],
        weight_hint="In steps of 1/10: 1, 0.9, 0.8.",
    )


def operator() -> Any:
    summary = DeliverySummary(due=4, sent=1832, failed=1, oldest_due_at=s.NOW - timedelta(minutes=42))
    jobs = [JobSummary("close", 2, 0, 0, s.NOW + timedelta(hours=20)), JobSummary("deliver", 3, 1, 0, s.NOW, 1)]
    return SimpleNamespace(
        sentence="One thing needs a look.",
        health=console.health(summary, jobs, store="SQLite", setting=SETTING),
        failed=[console.failed_line(s.delivery(), SETTING)],
        waiting=["lisbon.commons.example"],
        silent=[console.silent_line(s.silent_host(), SETTING)],
        jobs=[console.job_line(job, SETTING) for job in jobs],
        parked=[console.parked_line(s.parked_job(), SETTING)],
        peers=[console.peer_line(s.peer(name), SETTING) for name in ("Barcelona", "Eixample", "Lisbon")],
        policies=[console.policy_line(s.policy("block", "Nothing but advertisements since May."), SETTING)],
        choices=[Option(key, name, hint) for key, (name, hint) in console.POLICY_CHOICES.items()],
    )


def moving(prospect: Prospect | None) -> Any:
    return MovingPage(actor=s.actor("Gràcia"), earlier=[s.actor("Eixample")], moved_to=None, prospect=prospect)


def profile() -> Any:
    def line(label: str, *, is_this: bool) -> Any:
        at = moment(s.NOW - timedelta(hours=3), now=s.NOW, say=SAY)
        return SimpleNamespace(label=label, is_this=is_this, created=at, seen=at, key="k")

    return SimpleNamespace(
        display_name="Marta Soler",
        name="marta",
        roles="Member, operator",
        since=moment(s.NOW - timedelta(days=200), now=s.NOW, say=SAY),
        did="did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        sessions=[line("Firefox on Linux", is_this=True), line("Safari on iPhone", is_this=False)],
        refusal=None,
    )


def problem() -> Any:
    return SimpleNamespace(
        status=404,
        code="not-found",
        title="We could not find this",
        what="It may have moved or never been here.",
        kept="Nothing was changed.",
        href="/",
        action="Go home",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
