"""Every operation with every wrong caller and much hostile input, made from the dialect's table.

S023, S030, S034: who may not is told so before anything else. S081 to S095: whatever is sent, the
answer is in the dialect's words and never a fault of ours, and nothing half-done stays.
"""

import re

import pytest

from stonechat.dialects.stativate.calls import StativateOperation
from stonechat.dialects.stativate.dialect import OPERATIONS
from stonechat.domain.viewers import SCOPES, expand
from stonechat.kernel.secrets import new_secret
from stonechat.services import tokens
from tests.contract.api import Api, Reply
from tests.contract.mastodon.test_hostile_input import RUBBISH_IDS, RUBBISH_LIMITS, RUBBISH_TEXTS
from tests.contract.stativate.programs import Program, program

CHECK = "/v1/checkAuth"
PROPERTIES = [
    *("name", "type", "value", "accessType", "description", "colorNo", "accessTypeUserList"),
    *("presets", "staleAfter", "announce", "hearsAnswers"),
]
OTHERS = ["role", "label", "days", "expiresAt", "notifies", "filters", "url", "upTo", "value"]
WITH_BODY = [each for each in OPERATIONS if each.method in ("POST", "PUT", "PATCH")]
UNAUTHORIZED = (401, {"message": "Unauthorized"})


def _name(operation: StativateOperation) -> str:
    return f"{operation.method} {operation.path}"


def _path(operation: StativateOperation, **parts: str) -> str:
    return re.sub(r"\{([^}]+)\}", lambda found: parts.get(found[1], "1"), operation.path)


def _names(operation: StativateOperation) -> list[str]:
    """What a body of it may say."""
    is_status = operation.path in ("/v1/status", "/v1/status/{status_id}")
    return PROPERTIES if is_status else OTHERS


class Sweep:
    """Sends, and remembers what was not answered as it must be."""

    def __init__(self, anna: Program, status: dict[str, str]) -> None:
        self.anna = anna
        self.parts = {
            "status_id": status["id"],
            "address": status["shareId"],
            "key": "mine",
            "name": "bert",
        }
        self.wrong: list[tuple[str, object]] = []

    def judge(self, what: str, reply: Reply) -> None:
        """The dialect's words: nothing for what is not there, a message for all else."""
        if reply.status in (404, 204):
            is_fine = reply.body == b""
        elif 400 <= reply.status < 500:
            told = reply.json or {}
            is_fine = bool(told.get("message")) and set(told) <= {"message", "errorCode", "errors"}
        else:
            is_fine = reply.status in (200, 201)
        if not is_fine:
            self.wrong.append((what, (reply.status, reply.body[:200])))

    async def send(
        self, operation: StativateOperation, what: str, path: str, **how: object
    ) -> Reply:
        reply = await self.anna.call(operation.method, path, **how)
        self.judge(f"{_name(operation)} {what}", reply)
        return reply


@pytest.fixture
async def sweep(sqlite_api: Api) -> Sweep:
    anna = await program(sqlite_api, "anna")
    await sqlite_api.person("bert")
    return Sweep(anna, await anna.make())


async def test_s023_s026_s030_wrong_callers(sqlite_api: Api) -> None:
    """No token, a made-up one, an app's own, one without the scope; a closed account."""
    anna = await sqlite_api.person("anna", scopes=" ".join(SCOPES))
    app = new_secret()
    await sqlite_api.env.db.write(
        lambda tx: tokens.add(
            sqlite_api.env, tx, app, kind="app", scopes=" ".join(SCOPES), app_id=None
        )
    )
    poor = {
        scope: await sqlite_api.token(
            "anna", " ".join(each for each in SCOPES if scope not in expand(each))
        )
        for scope in ("read", "write")
    }
    wrong: dict[str, object] = {}

    async def answers(*who: str | None) -> None:
        for operation in OPERATIONS:
            assert operation.scope in poor
            callers = [poor[operation.scope] if each == "poor" else each for each in who]
            replies = [
                await sqlite_api.call(operation.method, _path(operation), each, json={"no": 1})
                for each in callers
            ]
            found = [(each.status, (each.json or {}).get("errorCode")) for each in replies]
            wrong[_name(operation)] = found

    await answers(None, "made-up", app, "poor")
    expected = [(401, None), (401, None), (403, "notAllowed"), (403, "notAllowed")]
    assert {name: found for name, found in wrong.items() if found != expected} == {}
    for state in ("disabled", "suspended", "unconfirmed"):
        wrong.clear()
        await sqlite_api.env.db.write(
            lambda tx, state=state: tx.run(
                "UPDATE accounts SET state = $2 WHERE id = $1", int(anna.id), state
            )
        )
        await answers(anna.token)
        told = {name for name, found in wrong.items() if found != [(403, "notAllowed")]}
        assert told == ({f"GET {CHECK}"} if state == "unconfirmed" else set()), state


async def test_s081_rubbish_in_paths_and_cursors(sweep: Sweep) -> None:
    for operation in OPERATIONS:
        names = re.findall(r"\{([^}]+)\}", operation.path)
        for rubbish in RUBBISH_IDS:
            for name in names:
                path = _path(operation, **{**sweep.parts, name: rubbish})
                # What cannot be a path at all is turned away before any dialect is known.
                if rubbish != "%00":
                    await sweep.send(operation, rubbish[:20], path, json={})
            if operation.method == "GET" and rubbish != "%00":
                path = f"{_path(operation, **sweep.parts)}?cursor={rubbish}"
                await sweep.send(operation, rubbish[:20], path)
    assert not sweep.wrong


async def test_s082_limits(sweep: Sweep) -> None:
    for operation in OPERATIONS:
        if operation.method == "GET":
            path = _path(operation, **sweep.parts)
            for limit in RUBBISH_LIMITS:
                reply = await sweep.send(operation, limit, f"{path}?limit={limit}&format=x")
                assert reply.status in (200, 400, 404)
                await sweep.send(operation, limit, f"{path}?limit={limit}")
            await sweep.send(operation, "list", f"{path}?limit[]=1&cursor[]=2&format[]=csv")
    assert not sweep.wrong


async def test_s083_s084_s089_s091_texts(sweep: Sweep) -> None:
    for operation in WITH_BODY:
        for text in RUBBISH_TEXTS:
            path = _path(operation, **sweep.parts)
            await sweep.send(operation, text[:20], path, json={"name": "abc", "value": text})
            for name in _names(operation):
                await sweep.send(operation, f"{name} {text[:20]}", path, json={name: text})
    assert not sweep.wrong


async def test_s085_s086_s087_wrong_types(sweep: Sweep) -> None:
    values: list[object] = [None, True, 1e300, 2**63, [], [[]], {}, {"a": {"b": 1}}, ["x"] * 500]
    for operation in WITH_BODY:
        for value in values:
            for name in _names(operation):
                path = _path(operation, **sweep.parts)
                await sweep.send(operation, f"{name} {value!r:.20}", path, json={name: value})
    assert not sweep.wrong


BODIES = [
    ("application/json", b"{"),
    ("application/json", b"[1]"),
    ("application/json", b'"text"'),
    ("application/json", b'{"value": NaN}'),
    ("application/json", b'{"value": "x"} trailing'),
    ("application/json", b'{"value": "x"} // no'),
    ("application/json", b'\xef\xbb\xbf{"value": "x"}'),
    ("application/json", b'{"value": "\\ud800"}'),
    ("application/json", b'{"value": "\xff\xfe"}'),
    ("application/json", b'{"value":' * 20_000 + b"1" + b"}" * 20_000),
    ("application/json", b'{"value": ' + b"9" * 5_000 + b"}"),
    ("application/json", b'{"value": 1e999}'),
    ("application/x-www-form-urlencoded", b"value=%ff%fe"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5_000))),
    ("application/x-www-form-urlencoded", b"value[0][b][c][d][e][f][g][h]=1"),
    ("multipart/form-data", b"--x\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n"),
    ("text/html", b'{"value": "x"}'),
    ("application/json; charset=utf-16", b"{}"),
]


async def test_s090_s092_s095_bodies(sweep: Sweep) -> None:
    """All are refused where the path leads somewhere, whatever they are sent to."""
    before = (await sweep.anna.get(f"/v1/status/{sweep.parts['status_id']}")).json
    for operation in WITH_BODY:
        if operation.path.endswith(("{link_id}", "/enable", "/test")):
            continue  # these take no body
        path = _path(operation, **sweep.parts)
        for content_type, body in BODIES:
            headers = {"Content-Type": content_type}
            reply = await sweep.send(operation, content_type, path, body=body, headers=headers)
            assert reply.status in (400, 413), (_name(operation), content_type, body[:50])
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        packed = await sweep.send(operation, "gzip", path, body=b"x" * 100, headers=headers)
        assert packed.status == 400
        headers = {"Content-Type": "application/json"}
        large = await sweep.send(operation, "1 MB", path, body=b" " * 1_000_000, headers=headers)
        assert large.status == 413
    assert not sweep.wrong
    assert (await sweep.anna.get(f"/v1/status/{sweep.parts['status_id']}")).json == before


def test_every_operation_takes_keys_and_reads_its_body_late() -> None:
    for operation in OPERATIONS:
        assert operation.key_header == "stativate-api-key", operation.path
        assert operation.reads_itself, operation.path
        assert operation.limit == "beacons", operation.path
