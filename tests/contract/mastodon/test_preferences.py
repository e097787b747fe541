"""Preferences: how somebody posts unless they say otherwise."""

from tests.contract.api import Api

PATH = "/api/v1/preferences"


async def test_preferences_of_a_new_account(api: Api) -> None:
    """[AC36]"""
    anna = await api.person("anna")
    reply = await api.get(PATH, anna)
    assert reply.status == 200
    assert reply.json == {
        "posting:default:visibility": "public",
        "posting:default:sensitive": False,
        "posting:default:language": None,
        "posting:default:quote_policy": "public",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


async def test_preferences_follow_what_their_owner_says(api: Api) -> None:
    """[AC36] [AC9]: and they are what a post without choices gets."""
    anna = await api.person("anna")
    change = {"source": {"privacy": "unlisted", "sensitive": True, "language": "fi"}}
    path = "/api/v1/accounts/update_credentials"
    assert (await api.call("PATCH", path, anna, json=change)).status == 200
    found = (await api.get(PATH, anna)).json
    assert found["posting:default:visibility"] == "unlisted"
    assert found["posting:default:sensitive"] is True
    assert found["posting:default:language"] == "fi"
    said = await api.say(anna, "Huomenta")
    assert (said["visibility"], said["sensitive"], said["language"]) == ("unlisted", True, "fi")


async def test_a_locked_account_posts_to_its_followers(api: Api) -> None:
    anna = await api.person("anna")
    path = "/api/v1/accounts/update_credentials"
    assert (await api.call("PATCH", path, anna, json={"locked": True})).status == 200
    assert (await api.get(PATH, anna)).json["posting:default:visibility"] == "private"
    assert (await api.say(anna, "Only for us"))["visibility"] == "private"


async def test_preferences_need_their_scope(api: Api) -> None:
    await api.person("anna")
    assert (await api.get(PATH)).status == 401
    assert (await api.get(PATH, await api.token("anna", "read:statuses"))).status == 403
    assert (await api.get(PATH, await api.token("anna", "read:accounts"))).status == 200


async def test_an_address_is_confirmed(api: Api) -> None:
    """[EM1]"""
    anna = await api.person("anna")
    path = "/api/v1/emails/check_confirmation"
    reply = await api.get(path, anna)
    assert reply.json is True
    assert (await api.get(path)).status == 401
