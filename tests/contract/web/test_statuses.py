"""The page of a post, in its thread."""

import pytest

from tests.contract.api import Api, Reply
from tests.contract.web.pages import open_page, read

OF_THE_REQUEST = {"x-request-id", "date"}


def _told(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: text for name, text in reply.headers.items() if name not in OF_THE_REQUEST}
    return reply.status, reply.body, headers


async def test_a_post_with_all_that_is_known_of_it(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "Back at 12:30. https://example.org/menu", language="en")
    await api.post(f"/api/v1/statuses/{said['id']}/favourite", bert)
    page = await open_page(api, f"/@anna/{said['id']}")
    assert page.posts == ["Back at 12:30. https://example.org/menu"]
    assert page.one("div", "content")["lang"] == "en"
    assert page.one("title").text == "anna: Back at 12:30. https://example.org/menu · Stonechat"
    assert page.one("time")["datetime"] == said["created_at"][:19] + "Z"
    assert "1 favourite" in page.one("article", "main").text
    assert page.link("canonical") == said["url"]
    assert page.meta("og:type") == "article"
    assert page.meta("og:url") == said["url"]
    assert page.meta("og:description") == "Back at 12:30. https://example.org/menu"
    assert page.meta("twitter:card") == "summary"
    assert page.meta("article:modified_time") is None
    (link,) = [each for each in page.all("a") if each["href"] == "https://example.org/menu"]
    assert {"nofollow", "noopener", "noreferrer", "ugc"} <= set(link["rel"].split())


async def test_an_edit_shows(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "at eight")
    api.clock.move(seconds=60)
    path = f"/api/v1/statuses/{said['id']}"
    assert (await api.call("PUT", path, anna, json={"status": "at nine"})).status == 200
    page = await open_page(api, f"/@anna/{said['id']}")
    assert page.posts == ["at nine"]
    assert page.meta("article:modified_time") == page.all("time")[1]["datetime"]
    assert (await open_page(api, "/@anna")).one("ul", "counts").text.split() == ["edited"]


async def test_a_warning_stands_in_front(api: Api) -> None:
    """What it warns of is in no title, no preview and no list, unless it is opened."""
    anna = await api.person("anna")
    said = await api.say(anna, "the butler did it", spoiler_text="The end of the novel")
    page = await open_page(api, f"/@anna/{said['id']}")
    assert "The end of the novel" in page.one("summary").text
    assert page.one("title").text == "anna: Content warning: The end of the novel · Stonechat"
    assert page.meta("og:description") == "Content warning: The end of the novel"
    assert page.meta("description") == "Content warning: The end of the novel"
    (details,) = page.all("details")
    assert "open" not in details.attributes
    assert "the butler did it" in details.text


async def test_the_thread_around_a_post(api: Api) -> None:
    """S048: as somebody without an account may see it."""
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(anna, "root")
    hidden = await api.say(bert, "@anna hidden", in_reply_to_id=root["id"], visibility="private")
    middle = await api.say(bert, "@anna middle", in_reply_to_id=root["id"])
    await api.say(anna, "@bert leaf", in_reply_to_id=middle["id"])
    await api.say(anna, "@bert below the hidden one", in_reply_to_id=hidden["id"])
    page = await open_page(api, f"/@bert/{middle['id']}")
    assert page.posts == ["root", "@anna middle", "@bert leaf"]
    root_page = await open_page(api, f"/@anna/{root['id']}")
    # The hidden answer leaves a gap; what hangs on it is everybody's.
    below = ["@bert below the hidden one", "@anna middle", "@bert leaf"]
    assert root_page.posts == ["root", *below]


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_for_everybody_is_absent(api: Api, visibility: str) -> None:
    """S033 and S049: bytes, headers and the number of statements are those of no post at all."""
    anna, bert = await api.person("anna"), await api.person("bert")
    public = await api.say(anna, "hello")
    secret = await api.say(anna, "@bert for your eyes", visibility=visibility)
    absent = str(int(secret["id"]) + 1)
    for rest in ("", "/activity"):
        replies: list[tuple[int, bytes, dict[str, str]]] = []
        counts: list[int] = []
        for status_id in (secret["id"], absent, "rubbish"):
            api.recorder.forget()
            replies.append(_told(await api.get(f"/@anna/{status_id}{rest}", bert)))
            counts.append(api.recorder.count)
        assert replies[0][0] == 404
        assert replies[0] == replies[1] == replies[2]
        assert counts == [counts[0]] * 3
    for path in ("/", "/@anna", "/@anna/with_replies", "/@anna/feed.atom", "/@bert/with_replies"):
        assert b"for your eyes" not in (await api.get(path, bert)).body, path
    assert read(await api.get(f"/@anna/{public['id']}")).posts == ["hello"]


async def test_an_unlisted_post_has_a_page_that_asks_not_to_be_found(api: Api) -> None:
    anna = await api.person("anna")
    path = "/api/v1/accounts/update_credentials"
    await api.call("PATCH", path, anna, json={"indexable": True})
    public = await api.say(anna, "hello")
    said = await api.say(anna, "quietly", visibility="unlisted")
    page = await open_page(api, f"/@anna/{said['id']}")
    assert page.meta("robots") == "noindex"
    assert "unlisted" in page.one("article", "main").text
    assert (await open_page(api, f"/@anna/{public['id']}")).meta("robots") is None


async def test_nobody_else_is_named_as_the_author(api: Api) -> None:
    anna, _ = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "hello")
    absent = await api.get("/@bert/17")
    for name in ("bert", "nobody", "anna@other.test"):
        reply = await api.get(f"/@{name}/{said['id']}")
        assert _told(reply) == _told(absent)


async def test_a_boost_leads_to_what_it_passes_on(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "hello")
    boost = (await api.post(f"/api/v1/statuses/{said['id']}/reblog", bert)).json
    for path in (f"/@bert/{boost['id']}/activity", f"/@bert/{boost['id']}"):
        reply = await api.get(path)
        assert (reply.status, reply.headers["location"]) == (302, f"/@anna/{said['id']}")
    assert (await api.get(f"/@anna/{boost['id']}/activity")).status == 404
    assert boost["url"] == f"http://stonechat.test/@bert/{boost['id']}/activity"
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    assert (await api.get(f"/@bert/{boost['id']}/activity")).status == 404


async def test_right_to_left_whoever_is_named_first(api: Api) -> None:
    anna, layla = await api.person("anna"), await api.person("layla")
    said = await api.say(anna, "hello", language="en")
    await api.say(layla, "@anna ما أجمل هذا", in_reply_to_id=said["id"], language="ar")
    await api.say(layla, "@anna 12:30", in_reply_to_id=said["id"])
    page = await open_page(api, f"/@anna/{said['id']}")
    assert [each["dir"] for each in page.all("div", "content")] == ["ltr", "rtl", "auto"]
    assert page.all("div", "content")[1]["lang"] == "ar"


@pytest.mark.parametrize("answers", [1, 30])
async def test_the_number_of_statements_does_not_grow(api: Api, answers: int) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "root")
    for number in range(answers):
        await api.say(anna, f"answer {number}", in_reply_to_id=said["id"])
    api.recorder.forget()
    page = await open_page(api, f"/@anna/{said['id']}")
    assert len(page.posts) == answers + 1
    assert api.recorder.count == 8
