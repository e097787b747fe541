"""Signing in and out with a browser, and what keeps others from doing it."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher, extract_parameters

from stonechat.kernel.secrets import hash_secret
from stonechat.kernel.settings import Settings
from stonechat.services import passwords
from stonechat.storage.database import Database
from tests.contract.api import Api
from tests.contract.oauth.browser import PASSWORD, Browser, look, register, signed_in

SESSION = "stonechat_session"
SECURE = "__Host-stonechat_session"


async def test_a_person_signs_in_by_name_or_by_address_and_out_again(api: Api) -> None:
    await api.person("Anna")
    for name in ("Anna", "anna", "@anna", "@anna@stonechat.test", "ANNA@example.org", " anna "):
        browser = Browser(api)
        page = await browser.sign_in(name)
        assert (page.status, page.location) == (302, "/"), name
        assert (await browser.get("/auth/sign_in")).status == 302

        flow = await register(api)
        consent = await browser.get(flow.url())
        out = await browser.send(consent.form(), headers={"Origin": "http://stonechat.test"})
        assert out.status == 302
        assert out.location.startswith("/auth/sign_in?next=%2Foauth%2Fauthorize%3F")
        assert (await browser.get("/auth/sign_in")).status == 200


async def test_signing_out_ends_the_session_itself(api: Api) -> None:
    _, browser = await signed_in(api)
    kept = dict(browser.cookies)
    consent = await browser.get((await register(api)).url())
    await browser.send(consent.form())
    browser.cookies = kept
    assert (await browser.get("/auth/sign_in")).status == 200


async def test_a_forged_form_cannot_sign_anybody_out(api: Api) -> None:
    _, browser = await signed_in(api)
    forged = await browser.open("POST", "/auth/sign_out", {"form_token": "0" * 64})
    assert forged.status == 403
    assert (await browser.get("/auth/sign_in")).status == 302


async def test_a_session_ends_after_thirty_days(api: Api) -> None:
    _, browser = await signed_in(api)
    api.clock.move(days=29, hours=23)
    assert (await browser.get("/auth/sign_in")).status == 302
    api.clock.move(hours=2)
    assert (await browser.get("/auth/sign_in")).status == 200


@pytest.mark.parametrize("state", ["disabled", "suspended", "deleted", "pending"])
async def test_a_closed_account_shows_only_with_its_password(sqlite_api: Api, state: str) -> None:
    person, browser = await signed_in(sqlite_api)

    sql = "UPDATE accounts SET state = $2 WHERE id = $1"
    await sqlite_api.env.db.write(lambda tx: tx.run(sql, int(person.id), state))
    assert (await browser.get("/auth/sign_in")).status == 200

    right = await Browser(sqlite_api).sign_in("anna")
    assert right.status == 422
    assert "Your login is currently" in right.text
    wrong = await Browser(sqlite_api).sign_in("anna", "not the password")
    assert "Your login is currently" not in wrong.text


async def test_s013_cookies_on_http_and_a_new_session_at_each_sign_in(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    browser = Browser(sqlite_api)
    browser.cookies[SESSION] = "planted-by-somebody-else"
    await browser.sign_in("anna")
    assert browser.cookies[SESSION] != "planted-by-somebody-else"
    assert "stonechat_form" not in browser.cookies

    shown = await Browser(sqlite_api).get("/auth/sign_in")
    assert "HttpOnly" in shown.headers["set-cookie"]
    assert "SameSite=Lax" in shown.headers["set-cookie"]
    assert "Secure" not in shown.headers["set-cookie"]
    assert "Domain" not in shown.headers["set-cookie"]


async def test_s013_signing_in_again_ends_the_former_session(api: Api) -> None:
    await api.person("anna")
    browser = Browser(api)
    form = (await browser.get("/auth/sign_in")).form()
    form_cookie = dict(browser.cookies)
    await browser.send(form, name="anna", password=PASSWORD)
    former = browser.cookies[SESSION]

    browser.cookies.update(form_cookie)
    await browser.send(form, name="anna", password=PASSWORD)
    assert browser.cookies[SESSION] != former
    browser.cookies = {SESSION: former}
    assert (await browser.get("/auth/sign_in")).status == 200


async def test_s013_cookies_on_https_are_secure_and_host_only(
    database: Database, settings: Settings
) -> None:
    api = Api(database, replace(settings, base_url="https://stonechat.test"))
    await api.person("anna")
    browser = Browser(api)
    shown = await browser.get("/auth/sign_in")
    line = shown.headers["set-cookie"]
    assert line.startswith("__Host-stonechat_form=")
    assert line.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    page = await browser.send(shown.form(), name="anna", password=PASSWORD)
    assert page.status == 302
    assert set(browser.cookies) == {SECURE}
    # A cookie without the prefix may have been set by another host of the domain.
    plain = Browser(api)
    plain.cookies[SESSION] = browser.cookies[SECURE]
    assert (await plain.get("/auth/sign_in")).status == 200


async def test_s012_a_session_is_kept_as_a_hash(api: Api) -> None:
    _, browser = await signed_in(api)
    rows = await look(api, "SELECT hash FROM sessions")
    assert [bytes(row[0]) for row in rows] == [hash_secret(browser.cookies[SESSION])]


async def test_an_account_has_fifty_sessions_and_no_more(api: Api) -> None:
    _, first = await signed_in(api)
    fresh = Browser(api)
    form = (await fresh.get("/auth/sign_in")).form()
    last = fresh
    for _ in range(50):
        api.clock.move(seconds=1)
        last = Browser(api)
        last.cookies = dict(fresh.cookies)
        assert (await last.send(form, name="anna", password=PASSWORD)).status == 302
    assert (await look(api, "SELECT COUNT(*) FROM sessions"))[0][0] == 50
    assert (await last.get("/auth/sign_in")).status == 302
    assert (await first.get("/auth/sign_in")).status == 200


AWAY = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "%2f%2fevil.example",
    "http:evil.example",
    "https://evil.example/",
    "https://stonechat.test@evil.example/",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\t//evil.example",
    "/\r\nLocation: https://evil.example",
    " //evil.example",
    "///evil.example",
    "/.\\/evil.example",
    "",
]


async def test_s015_signing_in_never_leads_away(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    for away in AWAY:
        browser = Browser(sqlite_api)
        page = await browser.sign_in("anna", path=away)
        assert (page.status, page.location) == (302, "/")
        again = await browser.get(f"/auth/sign_in?next={quote(away, safe='')}")
        assert again.location == "/"
        consent = await browser.get((await register(sqlite_api)).url())
        out = await browser.send(consent.form(), next=away)
        assert out.location == "/"


async def test_s015_a_path_of_ours_is_kept(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    page = await Browser(sqlite_api).sign_in("anna", path="/@anna?page=2&q=ü#top")
    assert page.location == "/@anna?page=2&q=%C3%BC#top"


ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Referer": "https://evil.example/stonechat.test"},
    {"Origin": "http://["},
]


async def test_s008_a_sign_in_form_from_elsewhere_is_refused(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    browser = Browser(sqlite_api)
    for headers in ELSEWHERE:
        form = (await browser.get("/auth/sign_in")).form()
        page = await browser.send(form, headers=headers, name="anna", password=PASSWORD)
        assert page.status == 403
        assert SESSION not in browser.cookies


async def test_s008_a_sign_in_form_of_another_browser_is_refused(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    form = (await Browser(sqlite_api).get("/auth/sign_in")).form()
    victim = Browser(sqlite_api)
    assert (await victim.send(form, name="anna", password=PASSWORD)).status == 403
    await victim.get("/auth/sign_in")
    assert (await victim.send(form, name="anna", password=PASSWORD)).status == 403


async def test_the_form_comes_back_with_the_name_but_without_the_password(sqlite_api: Api) -> None:
    browser = Browser(sqlite_api)
    page = await browser.sign_in('an"><script>na', "my secret word")
    assert page.status == 422
    assert "my secret word" not in page.text
    assert "<script" not in page.text
    assert page.form().fields["name"] == 'an"><script>na'
    assert page.form().fields["password"] == ""


async def test_s016_known_and_unknown_names_get_the_same_answer(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    browser = Browser(sqlite_api)
    await browser.get("/auth/sign_in")
    pages = []
    for name, password in (
        ("anna", "not the password"),
        ("bert", "not the password"),
        ("anna", "x"),
        ("anna", "x" * 5000),
        ("bert", "x" * 5000),
        ("anna", ""),
        ("anna@example.org", "not the password"),
        ("bert@example.org", "not the password"),
    ):
        page = await browser.sign_in(name, password)
        pages.append((page.status, page.text.replace(f'value="{name}"', "")))
    assert set(pages) == {pages[0]}
    assert pages[0][0] == 422


async def test_too_many_wrong_passwords_stop_the_trying(
    database: Database, settings: Settings
) -> None:
    """S017 in part: there is no second factor yet, so what is limited is the password."""
    api = Api(database, replace(settings, rate_limits=True))
    await api.person("anna")
    browser = Browser(api)
    form = (await browser.get("/auth/sign_in")).form()
    statuses = [
        (await browser.send(form, name="anna", password="wrong wrong")).status for _ in range(27)
    ]
    assert statuses == [422] * 25 + [429] * 2
    assert (await browser.send(form, name="anna", password=PASSWORD)).status == 429
    api.clock.move(hours=2)
    assert (await browser.send(form, name="anna", password=PASSWORD)).status == 302


async def test_s016_known_and_unknown_names_cost_the_same_work(sqlite_api: Api) -> None:
    """The same statements, and one hash of the same cost; bench/timings.py prints the times."""
    await sqlite_api.person("anna")
    browser = Browser(sqlite_api)
    form = (await browser.get("/auth/sign_in")).form()
    counts: list[int] = []
    for name in ("anna", "bert"):
        sqlite_api.recorder.forget()
        await browser.send(form, name=name, password="not the password")
        counts.append(sqlite_api.recorder.count)
    assert counts[0] == counts[1]
    kept = await passwords.hash_password("any password")
    assert extract_parameters(passwords.nobodys_hash()) == extract_parameters(kept)
    assert not await passwords.is_right("the password of nobody", None)


def test_s016_a_hash_costs_what_owasp_asks_for(costly_hasher: PasswordHasher) -> None:
    """Argon2id with 19 MiB and two passes on a real server, whatever it costs in other tests."""
    assert costly_hasher.hash("any password").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
