"""FEDERATION.md says what the code does: which code comes with which status, what is sent, and the limits."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from federation.errors import FetchFailure, MalformedJson, NoAnswerYet, WireRefusal
from federation.fetch.actors import MAX_ACTOR_BYTES, MAX_KEYS, MAX_NAME_LENGTH
from federation.fetch.client import CONNECT_SECONDS
from federation.fetch.lines import AT_ONCE, IN_LINE
from federation.fetch.names import OF_ONE_DOMAIN, THREADS
from federation.http.problems import status_of
from federation.peers.followers import MOST_LISTED, MOST_PAGES
from federation.ports import Limits
from federation.receive.origins import MAX_ID_BYTES
from federation.vocabulary import terms
from federation.vocabulary.inline import MAX_CONTEXTS
from federation.vocabulary.notes import MOST_NOTES
from federation.vocabulary.strict_json import MAX_DEPTH, MAX_INTEGER, MAX_NODES
from federation.vocabulary.terms import ACTIVITY_TYPES
from identity.errors import CanonicalError, KeyCode, ProofCode, SignatureCode
from node.app import IDLE_SECONDS, SLOWEST_READER, TAKE_SECONDS
from node.community.replies import DEEPEST, LONGEST_HTML, MOST_BY_ONE
from node.inbound import TABLE
from node.jobs import LANES, patience
from node.services.evidence import LARGEST_BUNDLE_BYTES
from node.services.follows import MOST_INBOXES_OF_DOMAIN
from node.services.house.keys import OVERLAP
from node.settings import Settings
from storage.errors import EphemeralError, StoreAwayError
from tests.architecture.repository import modules, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SAID = text_of("FEDERATION.md") or ""
UNSEEN_BY_PEERS = ("federation/deliver/", "federation/peers/catch_up.py", "federation/peers/followers.py")
"""Where codes are raised that no answer to a peer carries: they go into our own log and onto delivery rows."""


def raised(*classes: str) -> set[str]:
    """The literal codes that the peer doors raise with these classes."""
    return {
        str(node.args[0].value)
        for module in modules()
        if module.path.startswith("federation/") and not module.path.startswith(UNSEEN_BY_PEERS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in classes
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def statuses() -> Iterator[tuple[str, int]]:
    """Every code a peer may be answered with, and the status the code gives it."""
    yield MalformedJson("").code, status_of(MalformedJson(""))
    yield EphemeralError.code, status_of(EphemeralError())
    yield StoreAwayError.code, status_of(StoreAwayError())
    for code in {*raised("WireRefusal", "Throttled"), "not-found"}:
        yield code, status_of(WireRefusal(code, ""))
    for code in raised("FetchFailure", "FetchForbidden"):
        yield code, status_of(FetchFailure(code, ""))
    for code in (*get_args(SignatureCode), *get_args(ProofCode), *get_args(KeyCode), CanonicalError("").code):
        yield code, 401


def rows() -> dict[int, list[str]]:
    """Status to codes (`x-…` for a family of them) as the table of FEDERATION.md has them."""
    table = SAID.partition("| status | codes |")[2].partition("\n\n")[0]
    found = re.findall(r"^\| (\d{3}) \| (.*) \|$", table, re.MULTILINE)
    return {int(status): re.findall(r"`([a-z][a-z-]*…?)`", codes) for status, codes in found}


def fits(code: str, named: str) -> bool:
    return code == named or (named.endswith("…") and code.startswith(named[:-1]))


def test_each_code_stands_in_the_row_of_its_status_and_in_no_other() -> None:
    codes, table = dict(statuses()), rows()

    wrong = {
        code: (status, [row for row, names in table.items() if any(fits(code, name) for name in names)])
        for code, status in codes.items()
        if [row for row, names in table.items() if any(fits(code, name) for name in names)] != [status]
    }

    assert len(codes) > 40
    assert wrong == {}


def test_no_row_names_a_code_that_is_never_given() -> None:
    codes = dict(statuses())
    named = [name for names in rows().values() for name in names]

    assert [name for name in named if not any(fits(code, name) for code in codes)] == []


def sent_types() -> set[str]:
    """The activity types that somebody builds: by the builder of that name, or by naming the type."""
    calls = [
        node
        for module in modules()
        if module.path.startswith("node/outbound/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("activities.")
    ]
    built = {ast.unparse(call.func).removeprefix("activities.").capitalize() for call in calls}
    named = {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}
    return {name for name in built | named if name in ACTIVITY_TYPES}


def test_the_activities_said_to_be_sent_are_those_that_are_built() -> None:
    section = SAID.partition("## What we send")[2].partition("\n## ")[0]
    cells = re.findall(r"^\|([^|]+)\|", section, re.MULTILINE)
    said = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}

    assert said == sent_types()


def test_every_document_of_ours_is_among_what_is_sent_and_among_the_governance_documents() -> None:
    ours = {value for value in vars(terms).values() if isinstance(value, str) and value.startswith("rochdale:")}
    sent, listed = (
        set(re.findall(r"`(rochdale:\w+)`", SAID.partition(f"## {title}\n")[2].partition("\n## ")[0]))
        for title in ("What we send", "Governance documents")
    )

    # A receipt travels in the Accept of its ballot, and the roll of a vote inside evidence alone.
    assert ours - sent == {terms.RECEIPT, terms.ROLL}
    assert sent <= ours
    assert ours - listed == {terms.ROLL}


def test_the_list_of_what_is_accepted_is_the_table_of_the_code() -> None:
    page = text_of("docs/reference/activities.md") or ""
    listed = re.findall(r"^\| `(\w+)` \| (?:`(\w+)`|anything) \|", page, re.MULTILINE)

    assert {(kind, about or "*") for kind, about in listed} == set(TABLE)


def limits_of_the_code() -> dict[str, str]:
    """Limit to value, as the table of FEDERATION.md begins to write it."""
    return {**_limits_of_documents(), **_limits_of_requests(Limits()), **_limits_of_peers(Limits())}


def _limits_of_documents() -> dict[str, str]:
    return {
        "depth of JSON": f"{MAX_DEPTH} ",
        "values in one JSON document": f"{MAX_NODES:,} ",
        "the character NUL": "nowhere",
        "whole numbers": f"below 2^{(MAX_INTEGER + 1).bit_length() - 1} ",
        "id": f"{MAX_ID_BYTES:,} bytes ",
        "contexts of one object": f"{MAX_CONTEXTS} ",
        "name of an actor": f"{MAX_NAME_LENGTH} characters ",
        "inboxes of one domain that follow a body": f"{MOST_INBOXES_OF_DOMAIN:,}, ",
        "document of one actor": f"{MAX_ACTOR_BYTES // 1024} KiB ",
        "keys of one actor": f"{MAX_KEYS} ",
        "reply from elsewhere": f"{LONGEST_HTML:,} characters",
        "depth of a discussion": f"{DEEPEST} ",
        "replies of one author under one proposal": f"{MOST_BY_ONE} ",
        "notes of one activity": f"{MOST_NOTES} ",
        "an old key of ours beside its successor": f"{OVERLAP.total_seconds() / 3600:g} hours ",
    }


def _limits_of_requests(limits: Limits) -> dict[str, str]:
    of_stranger, kept_days = (
        limits.stranger_bytes_of_host // 1024**2,
        Settings.model_fields["strangers_keep_days"].default,
    )
    return {
        "activity posted to an inbox": f"{limits.inbox_bytes // 1024**2} MiB ",
        "activities from one host and address": f"{limits.inbox_per_minute:,} a minute",
        "bytes left here by one host, or one network, without ties": f"{of_stranger} MiB ",
        "bytes left here by all hosts without ties": f"{limits.stranger_bytes // 1024**2} MiB ",
        "what left nothing here, and actors we only met": f"{kept_days} days ",
        "activities served by the inbox at once": f"{limits.inbox_places}, {limits.inbox_places // 2} of one host, "
        f"{limits.inbox_places * 3 // 4} of one address ",
        "activities of one host and address in the inbox": f"{limits.inbox_queue_of_one} ",
        "activities of one address in the inbox": f"{limits.inbox_queue_of_address} and "
        f"{limits.inbox_queue_bytes_of_address // 1024**2} MiB ",
        "activities in the inbox": f"{limits.inbox_queue:,} and {limits.inbox_queue_bytes // 1024**2} MiB ",
        "wait for a turn at the inbox": f"{limits.inbox_turn_seconds:g} s ",
        "connection without a whole request": f"{IDLE_SECONDS:g} s ",
        "taking an answer of ours": f"{TAKE_SECONDS:g} s, and a second more for each {SLOWEST_READER // 1024} KiB ",
        "activities waiting here": f"{limits.inbox_backlog:,} ",
        "items on a collection page": f"{limits.page_size}, {limits.page_bytes // 1024**2} MiB together ",
        "memory for replayed requests": f"{limits.replay_window_seconds // 3600} hours ",
    }


def _tries(limits: Limits) -> int:
    """How often a handler may ask somebody before the activity is too old to wait on."""
    waited, tries = timedelta(), 1
    while waited < timedelta(days=limits.out_of_order_days):
        waited += patience(NoAnswerYet(""), tries)
        tries += 1
    return tries


def _limits_of_peers(limits: Limits) -> dict[str, str]:
    places = {kind: lane.places for lane in LANES for kind in lane.kinds}
    return {
        "document we fetch, after decompression": f"{limits.fetch_bytes // 1024**2} MiB ",
        "evidence we fetch for one decision": f"{LARGEST_BUNDLE_BYTES // 1024**2} MiB together, "
        f"for {places['gather']} decisions at once ",
        "tries for one activity while a peer does not answer": f"{_tries(limits)} in {limits.out_of_order_days} days ",
        "time for one fetch, redirects included": f"{limits.fetch_seconds:g} s ",
        "fetches caused by one activity": f"{limits.fetch_budget}, at most "
        f"{limits.fetch_budget - limits.fetch_budget_of_handler} of them before it is answered ",
        "names of one domain looked up at once": f"{OF_ONE_DOMAIN}, of all domains {THREADS} ",
        "redirects of one fetch": f"{limits.redirects},",
        "new keys of one host that could not be had": f"{limits.key_failures_of_asker} in "
        f"{limits.key_refetch_seconds} s asked for by one network, {limits.key_failures_of_host} by all; "
        f"of all hosts {limits.key_failures_of_host} by one network ",
        "pages of an outbox read at a time": f"{limits.catch_up_pages}, or {limits.catch_up_seconds:g} s ",
        "pages of one outbox": f"{limits.catch_up_pages_at_once:,} at once, and {limits.catch_up_pages_an_hour} more "
        "for each hour ",
        "comparisons of followers with one actor": f"1 in {limits.followers_seconds:,} s ",
        "pages of a list of followers": f"{MOST_PAGES} ",
        "actors on a list of followers": f"{MOST_LISTED} ",
        "questions to one domain about what it said": f"{AT_ONCE} at once, and {IN_LINE - AT_ONCE} that wait ",
        "deliveries to one host at once": f"{limits.delivery_concurrency} ",
        "hosts delivered to at once": f"{places['deliver']}, and {places['probe']} under probe ",
        "from a 410 of an inbox to asking its followers": f"{limits.gone_after_seconds // 3600} hours ",
        "time for one delivery": f"{limits.delivery_seconds:g} s, {CONNECT_SECONDS:g} s of it for the connection ",
        "life of a fetched key": f"{limits.key_age_seconds // 3600} hours ",
        "memory for the scheme a host takes": f"{limits.signing_memory_seconds // 86_400} days ",
        "second tries in the other scheme": f"1 for each host in {limits.signing_memory_seconds // 86_400} days ",
    }


def test_the_limits_in_federation_md_are_the_codes_and_no_others_stand_there() -> None:
    table = SAID.partition("| limit | value | beyond it |\n|---|---|---|\n")[2].partition("\n\n")[0]
    said = dict(re.findall(r"^\| ([^|]+) \| ([^|]+\|)", table, re.MULTILINE))
    ours, limits = limits_of_the_code(), Limits()

    assert said.keys() == ours.keys()
    assert {name: said[name] for name, value in ours.items() if not said[name].startswith(value)} == {}
    assert f"{limits.retry_base_seconds:g} seconds to {limits.retry_cap_seconds / 3600:g} hours" in SAID
    assert f"After {limits.delivery_hold_days} days" in SAID
