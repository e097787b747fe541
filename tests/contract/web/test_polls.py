"""Polls on the pages of posts: read there, voted in with an app."""

from tests.contract.api import Api
from tests.contract.ballots import DAY_S, ask, vote
from tests.contract.web.pages import Html, open_page

HOSTILE = '"><b style="x">&amp;{{7*7}}</b>'


def _shares(page: Html) -> list[tuple[str, str, str]]:
    """Options as their meters tell them: name, number, and the number in words."""
    return [(each["aria-label"], each["value"], each.text) for each in page.all("meter")]


def _told(page: Html) -> list[str]:
    """The options with what stands beside them, then what is told of the whole."""
    poll = page.one("div", "poll")
    return [" ".join(line.split()) for line in poll.text.split("\n") if line.strip()]


async def test_a_poll_with_its_numbers(api: Api) -> None:
    """For eyes and for ears: each option, its share, how many voted, and until when."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked = await ask(api, anna, "tea", "coffee", "water", language="en")
    page = await open_page(api, f"/@anna/{asked['id']}")
    assert _shares(page) == [("tea", "0", "0%"), ("coffee", "0", "0%"), ("water", "0", "0%")]
    assert _told(page)[-2] == "Nobody has voted"
    assert _told(page)[-1].startswith("ends ")
    await vote(api, bert, asked, 0)
    page = await open_page(api, "/@anna")
    assert "1 person voted" in _told(page)
    await vote(api, cleo, asked, 1)
    for path in ("/", "/@anna", f"/@anna/{asked['id']}"):
        page = await open_page(api, path)
        assert _shares(page) == [
            ("tea", "50", "50%"),
            ("coffee", "50", "50%"),
            ("water", "0", "0%"),
        ]
        assert "2 people voted" in _told(page)
        group = page.one("div", "poll")
        assert (group["role"], group["aria-label"]) == ("group", "Poll")
        assert asked["poll"]["expires_at"][:19] + "Z" in [t["datetime"] for t in page.all("time")]
    api.clock.move(seconds=DAY_S)
    page = await open_page(api, f"/@anna/{asked['id']}")
    assert _told(page)[-1].startswith("ended ")


async def test_several_answers_are_shares_of_the_people(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked = await ask(api, anna, "tea", "coffee", multiple=True)
    await vote(api, bert, asked, 0, 1)
    await vote(api, cleo, asked, 0)
    page = await open_page(api, f"/@anna/{asked['id']}")
    assert _shares(page) == [("tea", "100", "100%"), ("coffee", "50", "50%")]
    assert "several answers allowed" in _told(page)


async def test_secret_counts_stay_secret_until_the_end(api: Api) -> None:
    """PO: `hide_totals`; how many voted at all is told."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna, hide_totals=True)
    await vote(api, bert, asked, 1)
    for path in ("/", f"/@anna/{asked['id']}"):
        page = await open_page(api, path)
        assert _shares(page) == []
        assert _told(page)[:-1] == [
            "tea",
            "coffee",
            "1 person voted",
            "counts are shown when it ends",
        ]
    api.clock.move(seconds=DAY_S)
    page = await open_page(api, f"/@anna/{asked['id']}")
    assert _shares(page) == [("tea", "0", "0%"), ("coffee", "100", "100%")]


async def test_a_warning_stands_before_a_poll(api: Api) -> None:
    anna = await api.person("anna")
    asked = await ask(api, anna, "the butler", "the cook", spoiler_text="The end")
    page = await open_page(api, f"/@anna/{asked['id']}")
    assert "the butler" in page.one("details", "warned").text
    assert "the butler" not in (page.meta("og:description") or "")


async def test_s124_an_option_is_text(api: Api) -> None:
    """S119 and S124."""
    anna = await api.person("anna")
    asked = await ask(api, anna, HOSTILE, "no")
    page = await open_page(api, f"/@anna/{asked['id']}")
    assert _shares(page)[0][0] == HOSTILE
    assert _told(page)[0] == HOSTILE
    assert page.all("b") == []
    assert not [each for each in page.elements if "style" in each.attributes]
