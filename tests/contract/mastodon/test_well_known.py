"""What machines ask at fixed paths: NodeInfo, host-meta, WebFinger, health."""

import json
from xml.etree import ElementTree as ET

import stonechat
from stonechat.storage.database import Transaction
from tests.contract.api import Api

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema"
WEBFINGER = "/.well-known/webfinger"


async def test_nodeinfo_is_found_and_says_what_the_schema_wants(api: Api) -> None:
    """[IN5]"""
    anna = await api.person("anna")
    await api.say(anna, "One")
    links = (await api.get("/.well-known/nodeinfo")).json["links"]
    assert [link["rel"] for link in links] == [f"{SCHEMA}/2.0", f"{SCHEMA}/2.1"]
    for link, version in zip(links, ("2.0", "2.1"), strict=True):
        assert link["href"] == f"http://stonechat.test/nodeinfo/{version}"
        reply = await api.get(f"/nodeinfo/{version}")
        assert reply.headers["content-type"] == f'application/json; profile="{SCHEMA}/{version}#"'
        assert reply.headers["access-control-allow-origin"] == "*"
        body = reply.json
        # What the schema allows, and nothing else beside it.
        assert set(body) == {
            "version",
            "software",
            "protocols",
            "services",
            "openRegistrations",
            "usage",
            "metadata",
        }
        assert body["version"] == version
        assert body["software"] == {"name": "stonechat", "version": stonechat.__version__}
        assert body["protocols"] == ["activitypub"]
        assert body["metadata"]["federation"] == {"enabled": False}
        assert body["services"] == {"inbound": [], "outbound": []}
        assert body["openRegistrations"] is True
        assert body["usage"] == {
            "users": {"total": 1, "activeMonth": 1, "activeHalfyear": 1},
            "localPosts": 1,
        }
    assert (await api.get("/nodeinfo/3.0")).status == 404


async def test_activity_fades_from_the_month_and_then_from_the_half_year(api: Api) -> None:
    anna = await api.person("anna")
    await api.say(anna, "One")
    for days, month, half_year in ((29, 1, 1), (3, 0, 1), (150, 0, 0)):
        api.clock.move(days=days)
        users = (await api.get("/nodeinfo/2.0")).json["usage"]["users"]
        assert (users["activeMonth"], users["activeHalfyear"]) == (month, half_year), days


async def test_host_meta_is_xml_or_json(api: Api) -> None:
    """[IN5]"""
    template = f"http://stonechat.test{WEBFINGER}?resource={{uri}}"
    reply = await api.get("/.well-known/host-meta")
    assert reply.headers["content-type"] == "application/xrd+xml; charset=utf-8"
    assert reply.headers["access-control-allow-origin"] == "*"
    (link,) = ET.fromstring(reply.body)
    assert link.attrib == {"rel": "lrdd", "template": template}
    for path, accepted in (
        ("/.well-known/host-meta", "application/json"),
        ("/.well-known/host-meta", "application/jrd+json"),
        ("/.well-known/host-meta.json", "*/*"),
    ):
        reply = await api.get(path, headers={"Accept": accepted})
        assert reply.json == {"links": [{"rel": "lrdd", "template": template}]}, accepted


async def test_an_account_is_found_by_its_address(api: Api) -> None:
    """[IN6] S088: one account, however its address is spelt."""
    await api.person("Anna")
    found: list[object] = []
    for resource in (
        "acct:Anna@stonechat.test",
        "acct:anna@STONECHAT.test",
        "acct:anna@stonechat.test.",
        "acct:@anna@stonechat.test",
        "anna@stonechat.test",
        "http://stonechat.test/@anna",
        "http://stonechat.test/users/Anna",
    ):
        reply = await api.get(f"{WEBFINGER}?resource={resource}")
        assert reply.status == 200, resource
        assert reply.headers["content-type"].startswith("application/jrd+json")
        assert "Origin" in reply.headers["vary"]
        assert reply.headers["access-control-allow-origin"] == "*"
        found.append(json.loads(reply.body))
    assert all(each == found[0] for each in found)
    body = json.loads(reply.body)
    assert body["subject"] == "acct:Anna@stonechat.test"
    assert body["aliases"] == ["http://stonechat.test/@Anna", "http://stonechat.test/users/Anna"]
    page = next(link for link in body["links"] if link["rel"].endswith("profile-page"))
    assert page["href"] == "http://stonechat.test/@Anna"


async def test_who_is_not_here_is_not_found_and_nonsense_is_told(api: Api) -> None:
    """[IN6] S088"""
    await api.person("anna")
    for resource, status in (
        ("acct:nobody@stonechat.test", 404),
        ("acct:anna@elsewhere.test", 404),
        ("acct:anna@stonechat.test:8000", 404),
        ("acct:anna@sub.stonechat.test", 404),
        ("https://elsewhere.test/@anna", 404),
        ("http://stonechat.test/@nobody", 404),
        ("", 400),
        ("anna", 400),
        ("acct:", 400),
        ("acct:@@", 400),
        ("acct:anna@@stonechat.test", 400),
        ("acct:anna@a@stonechat.test", 400),
        ("acct:an%20na@stonechat.test", 400),
        ("acct:%D0%B0nna@stonechat.test", 400),
        ("acct:anna@", 400),
        ("http://stonechat.test/@anna/1", 400),
        ("a" * 3000, 400),
    ):
        reply = await api.get(f"{WEBFINGER}?resource={resource}")
        assert reply.status == status, resource
        assert reply.json["error"], resource
        assert reply.headers["access-control-allow-origin"] == "*"
    assert (await api.get(WEBFINGER)).status == 400
    assert (await api.get(f"{WEBFINGER}?resource[]=acct:anna@stonechat.test")).status == 400


async def test_who_was_deleted_is_gone(api: Api) -> None:
    """[IN6]: 410 for those who deleted their account, 404 for those who may not be seen."""
    await api.person("anna")

    async def set_state(state: str) -> None:
        # As the command line does it; there is no request for most of these.
        async def work(tx: Transaction) -> None:
            await tx.run("UPDATE accounts SET state = $1 WHERE username_key = 'anna'", state)

        await api.env.db.write(work)

    for state, status in (
        ("disabled", 200),
        ("suspended", 404),
        ("pending", 404),
        ("unconfirmed", 404),
        ("deleted", 410),
    ):
        await set_state(state)
        reply = await api.get(f"{WEBFINGER}?resource=acct:anna@stonechat.test")
        assert reply.status == status, state


async def test_a_server_that_reads_is_ready(api: Api) -> None:
    reply = await api.get("/health")
    assert (reply.status, reply.json) == (200, {"status": "OK"})
    assert reply.headers["cache-control"] == "no-store"
    assert (await api.call("HEAD", "/health")).status == 200


async def test_a_server_whose_database_is_gone_is_not_ready(api: Api) -> None:
    await api.env.db.close()
    reply = await api.get("/health")
    assert reply.status == 503
    assert reply.json["error"]
