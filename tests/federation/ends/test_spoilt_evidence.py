"""One constituent that serves bad evidence does not spoil the evidence of the assembly for good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from node.governance.evidence import assemble, documents_in, verify_bundle
from node.governance.evidence.bundle import read_bundle
from storage import evidence
from tests.federation.ends.saying import evidence_of
from tests.federation.town import cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.federation.town import Town

DAY = 86_400


def with_more(bundle: bytes) -> bytes:
    """The same, sound in its form, with a statute of nobody that nothing rests on."""
    sound = read_bundle(bundle)
    more = {"type": "rochdale:Statute", "id": "https://nobody.example/1", "governance": {"kind": "statute"}}
    return assemble([*documents_in(bundle), more], sound.decision, sound.anchor)


def cut(bundle: bytes) -> bytes:
    return bundle[: len(bundle) // 2]


@pytest.mark.parametrize("spoil", [with_more, cut])
async def test_evidence_is_whole_once_the_body_below_serves_what_proves_its_position(
    town: Town, spoil: Callable[[bytes], bytes]
) -> None:
    above = await town.build("above", kind="assembly", rule={"preset": "majority"})
    good, bad = await town.build("good"), await town.build("bad")
    for house in (good, bad):
        await town.join(house, above)
    question = await open_question(above, window_seconds=2 * DAY)
    await town.settle()
    for house in (good, bad):
        await cast(house, question, "ada", "for")
    await town.pass_time(days=1, hours=23, minutes=1)
    answer = await own_answer(bad, question)
    async with bad.node.store.write() as tx:
        honest = await evidence.find(tx, answer["id"])
        assert honest is not None
        await evidence.save(tx, replace(honest, bundle=spoil(honest.bundle)))

    await town.pass_time(hours=1, minutes=1)
    async with above.node.store.read() as tx:
        spoilt = await evidence.find(tx, question["id"])
    for _ in range(14):
        await town.pass_time(hours=1)
    async with bad.node.store.write() as tx:
        await evidence.save(tx, honest)
    for _ in range(25):
        await town.pass_time(hours=1)

    assert spoilt is None or not spoilt.complete
    report = verify_bundle(await evidence_of(above, question))
    assert (report.valid, report.failure) == (True, None)
