"""Doors: every operation of the server, whichever dialect it belongs to, with a path that leads
somewhere.

Sweeps go over `EVERY`; a dialect that is added to the server is added here, and one that was
forgotten is found by `test_s054_every_door_is_known`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from stonechat.dialects.mastodon import dialect as mastodon
from stonechat.dialects.oauth import dialect as oauth
from stonechat.dialects.selfcommunity import dialect as selfcommunity
from stonechat.dialects.stativate import dialect as stativate
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Caller, Viewer
from stonechat.http import files, statics
from stonechat.http.operations import Operation
from stonechat.services import boards
from stonechat.web import door as web
from stonechat.web.desk import door as desk
from stonechat.web.routes import share_formats
from tests.contract.api import Api, Person
from tests.contract.security.surfaces import TAG, befriend
from tests.contract.selfcommunity.community import ask, category, contribute, label
from tests.contract.uploads import picture

EVERY: Final[tuple[Operation[Any], ...]] = (
    *mastodon.OPERATIONS,
    *oauth.OPERATIONS,
    *oauth.PAGE_OPERATIONS,
    *oauth.RENEWAL_OPERATIONS,
    *stativate.OPERATIONS,
    *selfcommunity.OPERATIONS,
    *statics.OPERATIONS,
    *files.OPERATIONS,
    *web.OPERATIONS,
    *desk.OPERATIONS,
    *web.SHARE_OPERATIONS,
    *share_formats.OPERATIONS,
    *share_formats.FRAME_OPERATIONS,
)
ANSWERING: Final = tuple(each for each in EVERY if each.entity != "events")
"""What answers and is done with it: a stream stays open until somebody goes away."""
QUERIES: Final = {
    "/api/v1/accounts/lookup": "acct=anna",
    "/api/v1/accounts/search": "q=ann",
    "/api/v1/accounts": "id[]={account}",
    "/api/v1/accounts/relationships": "id[]={account}",
    "/api/v1/accounts/familiar_followers": "id[]={account}",
    "/api/v1/markers": "timeline[]=home",
    "/api/v1/search": "q=ann",
    "/api/v1/statuses": "id[]={status}",
    "/api/v2/account/search/": "username=anna",
    "/api/v2/comment/": "post={post}",
    "/api/v2/moderation/contribution/{id}/flag/": "contribution_type=post",
    "/api/v2/moderation/contribution/{id}/status/": "contribution_type=post",
    "/api/v2/search": "q=ann",
    "/api/v2/tag/category/": "tag_id={label of category}",
    "/api/v2/tag/contribution/": "tag_id={label of contribution}",
    "/api/v2/tag/user/": "tag_id={tag}",
    "/.well-known/webfinger": "resource=acct:anna@stonechat.test",
}
# Elsewhere the noun before an id says what it is of.
WHERE_IDS_DIFFER: Final = {
    "/v1/status/": "beacon",
    "/v1/user/webhooks/": "own webhook",
    "/api/v1/filters/": "keywords",
    "/api/v2/filters/statuses/": "filtered",
}
# What would end the world is asked for of somebody who is not there.
ENDING = {
    ("DELETE", "/api/v2/user/{id}/"),
    ("PATCH", "/api/v2/moderation/user/{id}/"),
    ("PATCH", "/api/v2/user/{id}/change_password/"),
}


@dataclass(frozen=True)
class World:
    """Two people, and one thing of each kind that the first of them has."""

    anna: Person
    bert: Person
    ids: dict[str, str]

    def path(self, operation: Operation[Any]) -> str:
        """Where the operation meets what is there, query included."""
        template = operation.path
        if (operation.method, template) in ENDING:
            template = template.replace("{id}", "1")
        filled = "".join(self._steps(template))
        query = QUERIES.get(operation.path, "")
        for kind, identifier in self.ids.items():
            query = query.replace(f"{{{kind}}}", identifier)
        return f"{filled}?{query}" if query else filled

    def _steps(self, template: str) -> Iterator[str]:
        before, brace, rest = template.partition("{")
        yield before
        if not brace:
            return
        parameter, _, after = rest.partition("}")
        yield self._value(before, parameter)
        yield from self._steps(after)

    def _value(self, before: str, parameter: str) -> str:
        if before.endswith(("/@", "users/")):
            return self.anna.name
        if parameter in ("account_id", "media_id", "file"):
            return self.ids[parameter]
        noun = WHERE_IDS_DIFFER.get(before) or before.strip("/").rpartition("/")[2]
        fixed = {"static": "style.css", "tags": TAG, "tag": TAG, "pictures": "none.png"}
        if parameter in ("name", "tag", "date"):
            return fixed.get(noun, "none")
        return self.ids.get(noun, self.ids["statuses"])


def is_for_people(operation: Operation[Any]) -> bool:
    """Whether nobody but a person may ask."""
    return operation.caller is Caller.PERSON


async def make_beacon(api: Api, anna: Person, bert: Person) -> dict[str, str]:
    """A live value of anna's that bert updates, and what belongs to it: how paths call each."""
    sent = {"name": "Front door", "value": "open", "accessType": "public"}
    sent["accessTypeHistory"] = "public"
    made = await api.post("/v1/status-keys/mine", anna, json=sent)
    path = f"/v1/status/{made.json['id']}"
    await api.call("PUT", f"{path}/users/{bert.name}", anna, json={"role": "updater"})
    hook = {"url": "https://hooks.example.org/"}
    board = await boards.create_board(api.env, Viewer(AccountId(int(anna.id))), "The house")
    return {
        "b": board.id,
        "beacon": made.json["id"],
        "s": made.json["shareId"],
        "status-keys": "mine",
        "links": (await api.post(f"{path}/links", anna, json={})).json["id"],
        "tokens": (await api.post(f"{path}/tokens", anna, json={})).json["id"],
        "webhooks": (await api.post(f"{path}/webhooks", anna, json=hook)).json["id"],
        "own webhook": (await api.post("/v1/user/webhooks", anna, json=hook)).json["id"],
    }


async def make_community(api: Api, anna: Person, bert: Person) -> dict[str, str]:
    """A contribution of each kind in a category, and what hangs on it: how paths call each."""
    room, bakers = await category(api, anna, "Bread"), await label(api, anna, "bakers", anna, bert)
    poll = {"title": "When?", "choices": [{"choice": "now"}, {"choice": "later"}]}
    fields = {"title": "Today", "categories": [room["id"]]}
    post = await contribute(api, anna, "Rye", "post", poll=poll, **fields)
    asked = await contribute(api, anna, "When?", "discussion", poll=poll, **fields)
    await contribute(api, anna, "For bakers", addressing=[bakers], **fields)
    comment = await ask(api, "POST", "/comment/", bert, post=post["id"], text="Fresh")
    for said in (post, asked):
        for verb in ("vote/", "follow/", "vote/?reaction=2"):
            await ask(api, "POST", f"/{said['type']}/{said['id']}/{verb}", bert)
        flagged = await ask(api, "POST", f"/{said['type']}/{said['id']}/flag/", bert, flag_type=2)
        assert flagged.status == 204, flagged.body
    sent = {"embed_type": "film", "embed_id": "7", "url": "https://films.example.org/7"}
    embed = await ask(api, "POST", "/embed/", anna, **sent)
    kept = await ask(api, "POST", "/user/me/preference/", anna, key="colour", value="red")
    labels = {
        f"label of {type_}": str(
            (await ask(api, "POST", "/tag/", anna, name="warm", type=type_)).json["id"]
        )
        for type_ in ("category", "contribution")
    }
    return labels | {
        "category": str(room["id"]),
        "comment": str(comment.json["id"]),
        "contribution": str(post["id"]),
        "discussion": str(asked["id"]),
        "embed": str(embed.json["id"]),
        "custom_menu": "1",
        "dynamic_preference": "1",
        "legal_page": "2",
        "post": str(post["id"]),
        "preference": str(kept.json["id"]),
        "reaction": "1",
        "tag": str(bakers),
        "user": anna.id,
    }


async def make_world(api: Api) -> World:
    """Anna has said, kept and made something of each kind; bert follows her."""
    anna = await api.person("anna", role="admin")
    bert = await api.person("bert")
    list_id = await befriend(api, anna, bert)
    await befriend(api, bert, anna)
    shown = await picture(api, anna)
    said = await api.say(anna, f"for everybody #{TAG}", media_ids=[shown])
    await api.say(anna, f"for followers #{TAG}", visibility="private")
    await api.say(bert, "@anna psst", visibility="direct")
    poll = {"options": ["soup", "bread"], "expires_in": 600}
    asked = await api.say(anna, "which?", poll=poll)
    for verb in ("favourite", "bookmark", "pin", "reblog"):
        await api.post(f"/api/v1/statuses/{said['id']}/{verb}", anna)
    words = [{"keyword": "everybody"}]
    made = await api.post(
        "/api/v2/filters",
        anna,
        json={"title": "Mine", "context": ["home"], "keywords_attributes": words},
    )
    kept = await api.post(
        f"/api/v2/filters/{made.json['id']}/statuses", anna, json={"status_id": said["id"]}
    )
    planned = {"status": "later", "scheduled_at": "2099-01-01T00:00:00Z"}
    scheduled = await api.post("/api/v1/statuses", anna, json=planned)
    notices = (await api.get("/api/v1/notifications", anna)).json
    talks = (await api.get("/api/v1/conversations", anna)).json
    ids = (
        await make_beacon(api, anna, bert)
        | await make_community(api, anna, bert)
        | {
            "account": anna.id,
            "account_id": anna.id,
            "accounts": anna.id,
            "conversations": talks[0]["id"],
            "filters": made.json["id"],
            "file": said["media_attachments"][0]["url"].rpartition("/")[2],
            "filtered": kept.json["id"],
            "keywords": made.json["keywords"][0]["id"],
            "list": list_id,
            "lists": list_id,
            "media": await picture(api, anna),
            "media_id": shown,
            "notifications": notices[0]["id"],
            "polls": asked["id"],
            "scheduled_statuses": scheduled.json["id"],
            "status": said["id"],
            "statuses": said["id"],
        }
    )
    return World(anna, bert, ids)
