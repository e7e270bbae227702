"""Every level of a simulated federation from the bottom up, measured; called by the command and its test."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.assembly.decide import decide
from federation.assembly.positions import Asked
from federation.assembly.references import Reference
from federation.assembly.roll_up import RollUp, roll_up
from federation.assembly.rules import read_rule
from federation.assembly.statute import read_statute
from federation.vocabulary.times import wire_time
from identity.canonical import content_digest
from identity.proofs import eddsa_jcs_2022
from node.governance import counting, electorate
from node.governance.outcomes import assembly_finding, members_finding
from tests.scale import papers
from tests.scale.network import Mailbox, Network
from tests.scale.tree import Behaviour

if TYPE_CHECKING:
    from federation.assembly.decide import Outcome
    from federation.assembly.tally import Tally
    from tests.scale.tree import Body

Document = dict[str, Any]
DOWN = 2  # the question and the decision go to every body below
LIES = {"for": "against", "against": "for", "abstain": "for", "no_quorum": "for"}
STRANGER = Ed25519PrivateKey.from_private_bytes(b"a key that no roster ever listed")


class Paper(NamedTuple):
    """A cast ballot, as much of it as counting needs."""

    voter: str
    choice: str
    seq: int
    digest: str


@dataclass
class Level:
    """What happened at one level: bodies, messages to and from the level above, seconds of work."""

    bodies: int = 0
    messages: int = 0
    seconds: float = 0.0


@dataclass
class Played:
    """The end of a play: every body's tally and outcome by number, and what each level cost."""

    tallies: dict[int, Tally] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)


@dataclass
class Play:
    """One run: the network's chance comes from the seed, so that a run can be repeated."""

    network: Network
    played: Played = field(default_factory=Played)

    def decide(self, body: Body, above: Document | None = None, statute_above: str = "") -> list[tuple[Document, bool]]:
        """What the body sends upward, each document with whether it is late; nothing for the top and the silent."""
        if body.below:
            question, decided = self._assembly(body, above)
        else:
            question, decided = self._coop(body, above)
        if above is None:
            return []
        started = time.perf_counter()
        asked = Asked(proposal=Reference(above["id"], content_digest(above)), statute=statute_above)
        sent = _sent(body, papers.position(body, asked, question, decided))
        self._measure(body, started)
        return sent

    def _coop(self, body: Body, above: Document | None) -> tuple[Document, Document]:
        started = time.perf_counter()
        voters = [(f"did:key:b{body.number}m{number}", 1) for number in range(len(body.votes))]
        roll = electorate.freeze(voters)
        stated = {"kind": "members", "count": roll.count, "weight": roll.weight, "digest": roll.digest}
        question = papers.motion(body, stated, above)
        cast = [
            Paper(voter, str(choice), 1, f"sha256:{number:064x}")
            for number, ((voter, _), choice) in enumerate(zip(voters, body.votes, strict=True))
            if choice is not None
        ]
        tally = counting.count(cast, roll)
        outcome = decide(read_rule(papers.MAJORITY), tally)
        self._note(body, tally, outcome, started, parents=1)
        return question, papers.outcome(body, question, members_finding(outcome, tally, [one.digest for one in cast]))

    def _assembly(self, body: Body, above: Document | None) -> tuple[Document, Document]:
        started = time.perf_counter()
        statute = papers.statute(body)
        digest = content_digest(statute)
        question = papers.motion(body, {"kind": "constituents", "statute": digest}, above)
        own_seconds = time.perf_counter() - started
        sent = [document for below in body.below for document in self.decide(below, question, digest)]
        started = time.perf_counter() - own_seconds
        asked = Asked(proposal=Reference(question["id"], content_digest(question)), statute=digest)
        mailbox = Mailbox(read_statute(statute), asked)
        for received_at, document in self.network.carry(sent):
            mailbox.receive(document, received_at)
        rolled = roll_up(mailbox.statute, read_rule(papers.MAJORITY), mailbox.reports)
        self._note_lines(rolled)
        self._note(body, rolled.tally, rolled.outcome, started, parents=0 if above is None else 1)
        cited = {line.body: mailbox.references[line.body] for line in rolled.lines if line.body in mailbox.references}
        return question, papers.outcome(body, question, assembly_finding(rolled, cited, digest))

    def _note(self, body: Body, tally: Tally, outcome: Outcome, started: float, *, parents: int) -> None:
        self.played.tallies[body.number] = tally
        self.played.outcomes[body.number] = outcome
        level = self.played.levels.setdefault(body.level, Level())
        level.bodies += 1
        level.messages += sum(self.network.tries() for _ in range(DOWN * parents)) + parents
        self._measure(body, started)

    def _note_lines(self, rolled: RollUp) -> None:
        self.played.statuses.update(str(line.status) for line in rolled.lines)

    def _measure(self, body: Body, started: float) -> None:
        self.played.levels[body.level].seconds += time.perf_counter() - started


def play(top: Body, *, seed: int) -> Played:
    """The whole decision, from the members' ballots to the top."""
    run = Play(Network(random.Random(seed)))
    run.decide(top)
    return run.played


def _sent(body: Body, position: Document) -> list[tuple[Document, bool]]:
    """What a node of that behaviour sends for its position, with whether it comes late."""
    match body.behaviour:
        case Behaviour.SILENT:
            return []
        case Behaviour.LATE:
            return [(position, True)]
        case Behaviour.LYING:
            return [(papers.altered(body, position, choice=LIES[position["governance"]["choice"]]), False)]
        case Behaviour.FORGING:
            unsigned = {name: value for name, value in position.items() if name != "proof"}
            method = f"{body.actor}#ed25519-key"
            return [
                (eddsa_jcs_2022.sign(unsigned, key=STRANGER, verification_method=method, created=papers.NOON), False)
            ]
        case Behaviour.TWO_FACED:
            twin = papers.altered(body, position, signed_at=wire_time(papers.NOON))
            return [(position, False), (twin, False)]
        case Behaviour.HONEST:
            return [(position, False)]
