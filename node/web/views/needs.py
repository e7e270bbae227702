"""What needs a member: a ballot not cast, a draft to finish, a proposal to open.

Called by node.web.home.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from node.web.views.wording.places import local_path
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from node.web.views.wording.setting import Setting
    from storage.records import MemberRecord, ProposalRecord, ReliefRecord

SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that waits for the member."""

    kind: str
    title: str
    href: str
    tone: str = "calm"
    when: Moment | None = None
    when_label: str = ""
    action: str = ""


def need_for(record: ProposalRecord, member: MemberRecord, *, is_ballot_missing: bool, setting: Setting) -> Need | None:
    """What a proposal asks of a member now, or None."""
    say = setting.say
    path = local_path(record.id, origin=setting.origin, room="proposals")
    if record.state == "open" and is_ballot_missing:
        is_soon = record.closes_at - setting.now < SOON
        return Need(
            kind=say("Closes soon, your ballot is missing") if is_soon else say("Your ballot is missing"),
            title=record.title,
            href=f"{path}#ballot",
            tone="soon" if is_soon else "calm",
            when=moment(record.closes_at, now=setting.now, say=say),
            when_label=say("Closes"),
            action=say("Decide"),
        )
    if record.state == "draft" and record.author_id == member.id:
        return Need(kind=say("Your draft"), title=record.title, href=path, action=say("Finish"))
    if record.state == "submitted" and "operator" in member.roles:
        return Need(kind=say("Submitted, waits to be opened"), title=record.title, href=path, action=say("Look"))
    return None


def relief_need(record: ReliefRecord, waiting: Sequence[str], setting: Setting) -> Need:
    """What a relief asks of an operator: the first of what waits for this body."""
    say = setting.say
    asked = {
        "stock": say("Emergency: say what we have and need"),
        "endorse": say("Emergency: our delegate has not spoken on the plan"),
        "deliver": say("Emergency: a transfer waits for our word"),
        "plan": say("Emergency: a plan can be drafted"),
        "put": say("Emergency: the plan can be put to the decision"),
        "answer": say("Emergency: an appeal waits for an answer"),
    }
    is_stock = waiting[0] == "stock"
    return Need(
        kind=asked[waiting[0]],
        title=record.title,
        href=local_path(record.id, origin=setting.origin, room="reliefs"),
        tone="soon",
        when=moment(record.stock_until, now=setting.now, say=say) if is_stock else None,
        when_label=say("Until") if is_stock else "",
        action=say("Look"),
    )


def still_need(count: int, setting: Setting) -> Need:
    """What work that stands still asks of an operator."""
    say = setting.say
    return Need(
        kind=say("The node needs you"),
        title=say.count("%(number)s piece of work stands still", "%(number)s pieces of work stand still", count),
        href="/operator#parked",
        action=say("Look"),
    )
