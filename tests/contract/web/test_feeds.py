"""The Atom feed of an account. RFC 4287."""

from xml.etree import ElementTree as ET

from tests.contract.api import Api
from tests.contract.ballots import ask, vote
from tests.contract.uploads import picture, ready_film, send
from tests.films import film
from tests.pictures import plain

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


async def _feed(api: Api, name: str) -> ET.Element:
    reply = await api.get(f"/@{name}/feed.atom")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert reply.headers["cache-control"] == "public, max-age=60"
    root = ET.fromstring(reply.body)
    assert root.tag == f"{ATOM}feed"
    for each in (root, *root.iter(f"{ATOM}entry")):
        for needed in ("id", "title", "updated"):
            assert each.findtext(ATOM + needed), needed
    return root


def _contents(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{ATOM}content")]


def _enclosures(root: ET.Element) -> list[dict[str, str]]:
    """The enclosures of the newest entry."""
    links = root.findall(f"{ATOM}entry")[0].findall(f"{ATOM}link")
    return [
        {name: text for name, text in each.items() if name != "rel"}
        for each in links
        if each.get("rel") == "enclosure"
    ]


async def test_only_what_was_said_to_everybody(api: Api) -> None:
    """S049."""
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(bert, "of bert's")
    await api.say(anna, "first #soup", language="en")
    for visibility in ("unlisted", "private", "direct"):
        await api.say(anna, visibility, visibility=visibility)
    await api.say(anna, "@bert answered", in_reply_to_id=said["id"])
    await api.post(f"/api/v1/statuses/{said['id']}/reblog", anna)
    last = await api.say(anna, "last <b>&amp;")
    root = await _feed(api, "anna")
    assert len(_contents(root)) == 2
    assert _contents(root)[0] == "<p>last &lt;b&gt;&amp;amp;</p>"
    newest, oldest = root.findall(f"{ATOM}entry")
    assert newest.findtext(f"{ATOM}id") == last["uri"]
    assert newest.findtext(f"{ATOM}title") == "last <b>&amp;"
    assert oldest.get(LANG) == "en"
    category = oldest.find(f"{ATOM}category")
    assert category is not None
    assert category.get("term") == "soup"
    links = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://stonechat.test/@anna/feed.atom",
        "alternate": "http://stonechat.test/@anna",
    }
    assert root.findtext(f"{ATOM}id") == "http://stonechat.test/users/anna"
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "anna"


async def test_an_edit_makes_an_entry_new_under_its_old_id(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "at eight")
    before = await _feed(api, "anna")
    api.clock.move(seconds=60)
    path = f"/api/v1/statuses/{said['id']}"
    await api.call("PUT", path, anna, json={"status": "at nine"})
    after = await _feed(api, "anna")
    entry = f"{ATOM}entry/{ATOM}"
    assert before.findtext(f"{entry}id") == after.findtext(f"{entry}id")
    assert before.findtext(f"{entry}published") == after.findtext(f"{entry}published")
    assert before.findtext(f"{entry}updated") != after.findtext(f"{entry}updated")
    assert after.findtext(f"{ATOM}updated") == after.findtext(f"{entry}updated")


async def test_a_warning_is_told_before_what_it_warns_of(api: Api) -> None:
    anna = await api.person("anna")
    await api.say(anna, "the butler", spoiler_text="The <end>")
    root = await _feed(api, "anna")
    assert root.findtext(f"{ATOM}entry/{ATOM}title") == "Content warning: The <end>"
    assert _contents(root) == [
        "<p><strong>Content warning:</strong> The &lt;end&gt;</p><hr><p>the butler</p>"
    ]


async def test_an_empty_feed_is_a_feed(api: Api) -> None:
    await api.person("anna")
    assert _contents(await _feed(api, "anna")) == []
    assert (await api.get("/@nobody/feed.atom")).status == 404


async def test_twenty_entries_though_most_posts_are_unlisted(api: Api) -> None:
    anna = await api.person("anna")
    for number in range(22):
        await api.say(anna, f"number {number}")
        await api.say(anna, "quietly", visibility="unlisted")
    root = await _feed(api, "anna")
    assert _contents(root) == [f"<p>number {number}</p>" for number in range(21, 1, -1)]


async def test_nothing_in_a_text_breaks_the_feed(api: Api) -> None:
    """S127: what is not fit for XML, and what ends its sections."""
    anna = await api.person("anna")
    await api.call(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        anna,
        json={"display_name": "]]><x/>&amp;\u2028\x07", "note": "<!-- \ufffe -->"},
    )
    await api.say(anna, "]]></content><x/> <![CDATA[ \x0b\x0c\ufffe\ufffd\U0010ffff ]]> 😀 &#0;")
    await api.say(anna, "<?xml?> <!DOCTYPE x [<!ENTITY e 'e'>]> &e;", spoiler_text="</title>&e;")
    root = await _feed(api, "anna")
    assert len(_contents(root)) == 2
    assert list(root.iter("x")) == []
    assert root.findtext(f"{ATOM}title", "").startswith("]]><x/>&amp;")


async def test_pictures_are_shown_and_enclosed(api: Api) -> None:
    anna = await api.person("anna")
    large = await send(api, anna, plain(size=(1600, 900)), description='a "door" <b>')
    small = await picture(api, anna)
    said = await api.say(anna, "", media_ids=[large.json["id"], small])
    first, second = said["media_attachments"]
    measures = first["meta"]["small"]
    root = await _feed(api, "anna")
    assert _enclosures(root) == [
        {"type": "image/png", "href": first["url"], "title": 'a "door" <b>'},
        {"type": "image/png", "href": second["url"]},
    ]
    (content,) = _contents(root)
    assert content == (
        f'<p><a href="{first["url"]}"><img src="{first["preview_url"]}"'
        ' alt="a &#34;door&#34; &lt;b&gt;"'
        f' width="{measures["width"]}" height="{measures["height"]}"></a></p>'
        f'<p><a href="{second["url"]}"><img src="{second["preview_url"]}" alt=""'
        ' width="60" height="40"></a></p>'
    )
    assert root.findtext(f"{ATOM}entry/{ATOM}title") == 'a "door" <b>'


async def test_a_film_is_a_link_and_an_enclosure(api: Api) -> None:
    anna = await api.person("anna")
    made = await ready_film(api, anna, film(frames=48), description="red & blue")
    said = await api.say(anna, "watch", media_ids=[made["id"]])
    url = said["media_attachments"][0]["url"]
    root = await _feed(api, "anna")
    assert _enclosures(root) == [{"type": "video/mp4", "href": url, "title": "red & blue"}]
    assert _contents(root) == [
        f'<p>watch</p><p><a href="{url}">Watch (0:02)</a>: red &amp; blue</p>'
    ]


async def test_sensitive_media_stand_behind_a_link(api: Api) -> None:
    """A feed reader folds nothing away: neither shown nor enclosed nor described."""
    anna = await api.person("anna")
    for fields in ({"sensitive": True}, {"spoiler_text": "Blood"}):
        media_id = await picture(api, anna, description="a wound")
        said = await api.say(anna, "ouch", media_ids=[media_id], **fields)
        root = await _feed(api, "anna")
        assert _enclosures(root) == []
        link = f'<p>ouch</p><p><a href="{said["url"]}">Sensitive media</a></p>'
        assert _contents(root)[0].endswith(link)
        assert b"a wound" not in (await api.get("/@anna/feed.atom")).body


async def test_a_poll_is_a_list(api: Api) -> None:
    """How it goes is not told: an entry does not change by itself."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna, "tea & cake", "coffee")
    before = await api.get("/@anna/feed.atom")
    (content,) = _contents(await _feed(api, "anna"))
    assert content.startswith(
        "<p>what shall it be?</p><ul><li>tea &amp; cake</li><li>coffee</li></ul><p>Poll until "
    )
    await vote(api, bert, asked, 0)
    assert (await api.get("/@anna/feed.atom")).body == before.body


async def test_a_quote_is_a_block(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(bert, "the <soup>")
    await api.say(anna, "at last", quoted_status_id=said["id"])
    url = said["url"]
    (content,) = _contents(await _feed(api, "anna"))
    assert content == (
        f'<p>at last</p><blockquote cite="{url}"><p><a href="{url}">bert (@bert)</a></p>'
        "<p>the &lt;soup&gt;</p></blockquote>"
    )
