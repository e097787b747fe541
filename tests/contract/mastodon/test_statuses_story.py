"""One status from its first word to its last: post, read, delete."""

from tests.contract.api import Api


async def test_post_read_delete(api: Api) -> None:
    anna = await api.person("anna")
    bert = await api.person("bert")

    posted = await api.say(anna, "Back at 12:30, @bert! #Lunch https://example.org/menu")
    assert posted["account"]["acct"] == "anna"
    assert [mention["acct"] for mention in posted["mentions"]] == ["bert"]
    assert [tag["name"] for tag in posted["tags"]] == ["lunch"]
    assert posted["mentions"][0]["url"] in posted["content"]
    assert posted["tags"][0]["url"] in posted["content"]
    assert posted["favourited"] is False
    assert posted["edited_at"] is None
    assert posted["card"] is None

    seen = await api.get(f"/api/v1/statuses/{posted['id']}", bert)
    assert seen.status == 200
    assert seen.json["content"] == posted["content"]
    assert "pinned" not in seen.json
    anonymous = await api.get(f"/api/v1/statuses/{posted['id']}")
    assert "favourited" not in anonymous.json

    home = await api.get("/api/v1/timelines/home", anna)
    assert [status["id"] for status in home.json] == [posted["id"]]
    public = await api.get("/api/v1/timelines/public")
    assert [status["id"] for status in public.json] == [posted["id"]]

    foreign = await api.call("DELETE", f"/api/v1/statuses/{posted['id']}", bert)
    assert foreign.status == 404
    deleted = await api.call("DELETE", f"/api/v1/statuses/{posted['id']}", anna)
    assert deleted.status == 200
    assert deleted.json["text"].startswith("Back at 12:30")
    assert "content" not in deleted.json
    gone = await api.get(f"/api/v1/statuses/{posted['id']}", anna)
    assert gone.status == 404
    assert gone.json == {"error": "Record not found"}
    assert (await api.get("/api/v1/timelines/home", anna)).json == []
