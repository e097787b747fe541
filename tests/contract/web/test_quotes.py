"""Quotes on the pages of posts: what everybody may read of the one that is quoted."""

from typing import Any

import pytest

from tests.contract.api import Api, Person
from tests.contract.people import boost
from tests.contract.uploads import picture
from tests.contract.web.pages import Html, open_page

SITE = "http://stonechat.test"


async def _quote(
    api: Api, who: Person, said: dict[str, Any], text: str = "see", **more: Any
) -> dict[str, Any]:
    return await api.say(who, text, quoted_status_id=said["id"], **more)


def _quoted(page: Html) -> list[str]:
    return [" ".join(each.text.split()) for each in page.all("blockquote")]


async def test_a_quote_shows_whom_and_what_and_where(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "the soup\nis <b>ready", language="en")
    made = await _quote(api, bert, said, "at last", language="de")
    for path in ("/@bert", f"/@bert/{made['id']}"):
        page = await open_page(api, path)
        quote = page.one("blockquote")
        assert quote["cite"] == said["url"]
        assert quote.text.split()[:2] == ["anna", "@anna"]
        assert quote.text.strip().endswith("the soup is <b>ready")
        links = [each["href"] for each in page.all("a")]
        assert f"/@anna/{said['id']}" in links
        assert "/@anna" in links
        # The line for apps that know of no quotes is not needed here.
        assert page.posts == ["at last"]
        assert b"quote-inline" not in (await api.get(path)).body
        (words,) = [each for each in page.all("p") if each.text == "the soup is <b>ready"]
        assert (words["lang"], words["dir"]) == ("en", "ltr")
    counts = (await open_page(api, f"/@anna/{said['id']}")).all("ul", "counts")[1]
    assert counts.text.split("\n")[1:-1] == ["1 quote"]


async def test_an_address_in_the_authors_own_words_stays(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "the soup")
    made = await _quote(api, anna, said, f"Read {said['url']} first")
    page = await open_page(api, f"/@anna/{made['id']}")
    assert page.posts == [f"Read {said['url']} first"]
    assert len(_quoted(page)) == 1


async def test_a_boost_of_a_quote_shows_it_too(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(anna, "the soup")
    made = await _quote(api, bert, said)
    await boost(api, cleo, made["id"])
    (quote,) = _quoted(await open_page(api, "/@cleo"))
    assert quote.startswith("anna @anna")


async def test_a_quote_tells_no_more_than_a_title(api: Api) -> None:
    """What its author folded away stays folded, and what is long is cut."""
    anna, bert = await api.person("anna"), await api.person("bert")
    warned = await api.say(anna, "the butler", spoiler_text="The end")
    shown = await picture(api, anna, description="a wound")
    hidden = await api.say(anna, "", media_ids=[shown], sensitive=True)
    long = await api.say(anna, "word " * 90)
    for said, words in (
        (warned, "Content warning: The end"),
        (hidden, "Sensitive media: a picture"),
        (long, "word " * 58 + "word…"),
    ):
        made = await _quote(api, bert, said)
        page = await open_page(api, f"/@bert/{made['id']}")
        assert _quoted(page)[0].endswith(words)
        body = (await api.get(f"/@bert/{made['id']}")).body
        assert b"the butler" not in body
        assert b"a wound" not in body
        assert shown.encode() not in body


async def test_a_warning_stands_before_a_quote(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "the butler")
    made = await _quote(api, anna, said, "yes", spoiler_text="The end")
    page = await open_page(api, f"/@anna/{made['id']}")
    assert "the butler" in page.one("details", "warned").text
    assert page.meta("og:description") == "Content warning: The end"


async def test_a_quote_without_words_has_a_title(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "the soup")
    made = await _quote(api, bert, said, "")
    page = await open_page(api, f"/@bert/{made['id']}")
    assert page.one("title").text == "bert: A quote of @anna · Stonechat"
    assert page.posts == []
    assert len(_quoted(page)) == 1
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    page = await open_page(api, f"/@bert/{made['id']}")
    assert page.one("title").text == "bert: A post without words · Stonechat"
    assert page.posts == [f"RE: {said['url']}"]


GONE = ["deleted", "revoked", "private", "direct", "suspended", "pending"]


@pytest.mark.parametrize("how", GONE)
async def test_s046_s049_what_is_not_for_everybody_is_not_quoted(api: Api, how: str) -> None:
    """S046 and S049: nothing is left but the line with the address, whatever the reason."""
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "the soup", language="en")
    made = await _quote(api, bert, said, "at last #soup")
    await _hide(api, anna, said, made, how)
    path = f"/@bert/{made['id']}"
    for each in ("/@bert", "/tags/soup", path, "/@bert/feed.atom", "/"):
        for who in (None, bert):
            body = (await api.get(each, who)).body
            assert b"blockquote" not in body, each
            # On the front page stands what was taken out of a quote, but is as public as before.
            assert each == "/" or b"the soup" not in body, each
    page = await open_page(api, path)
    assert page.posts == [f"RE: {said['url']}at last #soup"]


async def _hide(
    api: Api, anna: Person, said: dict[str, Any], made: dict[str, Any], how: str
) -> None:
    path = f"/api/v1/statuses/{said['id']}"
    if how == "deleted":
        assert (await api.call("DELETE", path, anna)).status == 200
    elif how == "revoked":
        assert (await api.post(f"{path}/quotes/{made['id']}/revoke", anna)).status == 200
    elif how in ("private", "direct"):
        # No verb narrows a status down. If one ever does, its quotes must follow.
        sql = "UPDATE statuses SET visibility = $2 WHERE id = $1"
        level = {"private": 2, "direct": 3}[how]
        await api.env.db.write(lambda tx: tx.run(sql, int(said["id"]), level))
    else:
        sql = "UPDATE accounts SET state = $2 WHERE id = $1"
        await api.env.db.write(lambda tx: tx.run(sql, int(anna.id), how))


async def test_a_quote_of_something_unlisted(api: Api) -> None:
    """S049: it is shown where both are read, but in no feed and to no search engine."""
    anna, bert = await api.person("anna"), await api.person("bert")
    for who in (anna, bert):
        path = "/api/v1/accounts/update_credentials"
        await api.call("PATCH", path, who, json={"indexable": True})
    public = await api.say(anna, "loudly")
    quiet = await api.say(anna, "quietly", visibility="unlisted")
    loud_quote, quiet_quote = await _quote(api, bert, public), await _quote(api, bert, quiet)
    page = await open_page(api, f"/@bert/{loud_quote['id']}")
    assert _quoted(page)[0].endswith("loudly")
    assert page.meta("robots") is None
    page = await open_page(api, f"/@bert/{quiet_quote['id']}")
    assert _quoted(page)[0].endswith("quietly")
    assert page.meta("robots") == "noindex"
    feed = (await api.get("/@bert/feed.atom")).body
    assert b"loudly" in feed
    assert b"quietly" not in feed
    assert f"/@anna/{quiet['id']}".encode() in feed


@pytest.mark.parametrize("quotes", [1, 19])
async def test_a_page_costs_one_statement_more_for_all_its_quotes(api: Api, quotes: int) -> None:
    """One, whether or not anything of it may be shown, and none where nothing quotes."""
    anna, bert = await api.person("anna"), await api.person("bert")
    gone = await api.say(anna, "gone")
    plain = await api.say(bert, "plain #soup")
    paths = ["/", "/tags/soup", "/@bert", "/@bert/feed.atom"]
    before = await _count(api, *paths, f"/@bert/{plain['id']}")
    root = await _quote(api, bert, gone, "#soup")
    for number in range(quotes):
        said = await api.say(anna, f"of number {number}")
        await _quote(api, bert, said, f"#soup {number}")
    await api.call("DELETE", f"/api/v1/statuses/{gone['id']}", anna)
    after = await _count(api, *paths, f"/@bert/{root['id']}")
    assert before == [3, 3, 7, 5, 7]
    assert after == [number + 1 for number in before]


async def _count(api: Api, *paths: str) -> list[int]:
    """The number of statements that each of these pages takes."""
    counts: list[int] = []
    for path in paths:
        api.recorder.forget()
        assert (await api.get(path)).status == 200
        counts.append(api.recorder.count)
    return counts
