"""Cleaning up: what was deleted long ago leaves nothing behind, and what is kept has a bound."""

from collections.abc import Sequence

import pytest

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.services import feed_reads
from stonechat.services.cleaning import clean_up
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api
from tests.contract.operate.towns import Town, everything, faults, viewer
from tests.contract.selfcommunity.community import ask, contribute, see

# Whom it was told to, and what was promised for it, ends by itself or with its owner.
OUTLIVING = {"jobs", "idempotency_keys"}


async def test_what_is_erased_leaves_no_row_behind(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    """Votes, flags, rulings, follows, reads, labels, places and category entries go with it."""
    await feed_reads.mark_seen(api.env, viewer(town.bert), [StatusId(town.hers)])
    flagged = await ask(api, "POST", f"/post/{town.hers}/flag/", town.bert, flag_type=1)
    assert flagged.status == 204, flagged.body
    held = {name for name, rows in (await everything(whole)).items() if _names(rows, town.hers)}
    assert {"reactions", "flags", "moderations", "thread_follows", "feed_reads"} <= held
    assert {"category_entries", "status_places"} <= held
    assert (await ask(api, "DELETE", f"/post/{town.hers}/", town.anna)).status == 204
    api.clock.move(days=limits.DELETED_STATUS_DAYS - 1)
    await clean_up(api.env, {})
    assert (await ask(api, "POST", f"/post/{town.hers}/restore/", town.anna)).status in (200, 204)
    assert (await see(api, town.bert, {"type": "post", "id": town.hers})).json["flag_count"] == 1
    assert (await ask(api, "DELETE", f"/post/{town.hers}/", town.anna)).status == 204
    api.clock.move(days=limits.DELETED_STATUS_DAYS + 1)
    await clean_up(api.env, {})
    left = {name for name, rows in (await everything(whole)).items() if _names(rows, town.hers)}
    # The answers to it are their authors'.
    assert left - OUTLIVING <= {"statuses"}
    assert (await ask(api, "POST", f"/post/{town.hers}/restore/", town.anna)).status == 404
    assert await faults(api, whole) == []


def _names(rows: Sequence[object], status_id: int) -> bool:
    return any(isinstance(row, tuple) and status_id in row for row in rows)


async def test_what_was_read_is_known_of_the_newest_and_of_the_home(
    api: Api, whole: WholeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older reads go, but for what stands in the reader's home; views stay counted."""
    monkeypatch.setattr(limits, "FEED_READS_MAX", 2)
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    await api.post(f"/api/v1/accounts/{bert.id}/follow", dora)
    followed = await contribute(api, bert, "in the home")
    others = [await contribute(api, cara, f"elsewhere {number}") for number in range(4)]
    said = [followed["id"], *(each["id"] for each in others)]
    await feed_reads.mark_seen(api.env, viewer(dora), said)
    await clean_up(api.env, {})
    rows = (await everything(whole))["feed_reads"]
    assert sorted(row[1] for row in rows) == [said[0], *said[-2:]]
    for each in (followed, *others):
        assert (await see(api, cara, each)).json["view_count"] == 1
    assert await faults(api, whole) == []
