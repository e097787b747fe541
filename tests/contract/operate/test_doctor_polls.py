"""The doctor counts the votes of every poll anew, and mends what the polls say of them."""

from typing import LiteralString

import pytest

from stonechat.services import doctor
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api
from tests.contract.ballots import ask, counts_of, poll_of, vote
from tests.contract.operate.towns import everything, faults


@pytest.mark.parametrize(
    ("damage", "counts"),
    [
        ("DELETE FROM poll_votes WHERE choice = 1", ([2, 0], 2, 2)),
        ("DELETE FROM poll_votes", ([0, 0], 0, 0)),
        ("""UPDATE statuses SET poll = REPLACE(poll, '"voters":2', '"voters":3')""", None),
        ("""UPDATE statuses SET poll = REPLACE(poll, '"votes":[2,1]', '"votes":[2,-1]')""", None),
    ],
)
async def test_a_poll_that_counts_wrongly_is_found_and_mended(
    api: Api,
    whole: WholeDatabase,
    damage: LiteralString,
    counts: tuple[list[int], int, int] | None,
) -> None:
    """The votes are believed, the counts are not."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked = await ask(api, anna, multiple=True)
    await vote(api, bert, asked, 0, 1)
    await vote(api, cleo, asked, 0)
    for _ in range(3):
        await ask(api, anna)
    assert await faults(api, whole) == []
    await whole.write(lambda tx: tx.run(damage))
    broken = await everything(whole)
    (fault,) = await faults(api, whole)
    assert (fault.about, fault.sentence) == (
        "counters",
        "1 polls have wrong counters: run `stonechat doctor --fix`.",
    )
    assert await everything(whole) == broken
    assert await faults(api, whole, mends=True) == []
    assert await faults(api, whole) == []
    assert counts_of(await poll_of(api, anna, asked)) == (counts or ([2, 1], 3, 2))


async def test_every_poll_is_looked_at_however_many_there_are(
    api: Api, whole: WholeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ROWS_AT_ONCE", 2)
    anna, bert = await api.person("anna"), await api.person("bert")
    for number in range(5):
        await vote(api, bert, await ask(api, anna), number % 2)
        await api.say(anna, "no question")
    gone = await ask(api, anna)
    await vote(api, bert, gone, 0)
    await api.call("DELETE", f"/api/v1/statuses/{gone['id']}", anna)
    assert await faults(api, whole, mends=True) == []
    await whole.write(lambda tx: tx.run("DELETE FROM poll_votes"))
    (fault,) = await faults(api, whole)
    assert fault.sentence.startswith("5 polls have wrong counters")
    assert await faults(api, whole, mends=True) == []
