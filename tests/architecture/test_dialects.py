"""What holds between the dialects: no two claim one path, and each has words for every error."""

from collections.abc import Iterator

import pytest

from stonechat.dialects.mastodon import errors as mastodon_errors
from stonechat.dialects.mastodon.dialect import OPERATIONS as MASTODON
from stonechat.dialects.oauth import errors as oauth_errors
from stonechat.dialects.oauth.dialect import OPERATIONS as OAUTH
from stonechat.dialects.oauth.dialect import RENEWAL_OPERATIONS as RENEWALS
from stonechat.dialects.selfcommunity import errors as selfcommunity_errors
from stonechat.dialects.selfcommunity.dialect import OPERATIONS as SELFCOMMUNITY
from stonechat.dialects.stativate import errors as stativate_errors
from stonechat.dialects.stativate.dialect import OPERATIONS as STATIVATE
from stonechat.kernel import clock, errors
from stonechat.kernel.errors import MissingParameter, RateLimited, StonechatError
from stonechat.web.door import OPERATIONS as WEB
from stonechat.web.door import SHARE_OPERATIONS
from stonechat.web.routes.share_formats import FRAME_OPERATIONS as SHARE_FRAMES
from stonechat.web.routes.share_formats import OPERATIONS as SHARE_FORMATS
from tests.clocks import HeldClock

TABLES = {
    "mastodon": MASTODON,
    "oauth": OAUTH,
    "renewals": RENEWALS,
    "selfcommunity": SELFCOMMUNITY,
    "share formats": SHARE_FORMATS,
    "share frames": SHARE_FRAMES,
    "shares": SHARE_OPERATIONS,
    "stativate": STATIVATE,
    "web": WEB,
}


def _leaves(kind: type[StonechatError] = StonechatError) -> Iterator[type[StonechatError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _leaves(each)


def _made(kind: type[StonechatError]) -> StonechatError:
    if issubclass(kind, RateLimited):
        return kind(limit=300, resets_at=clock.from_ms(0))
    if issubclass(kind, MissingParameter):
        return kind("q")
    return kind()


def test_no_two_dialects_claim_one_path() -> None:
    owners: dict[str, set[str]] = {}
    for name, operations in TABLES.items():
        for operation in operations:
            owners.setdefault(operation.path, set()).add(name)
    assert {path: names for path, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("kind", list(_leaves()), ids=lambda kind: kind.__name__)
async def test_every_error_has_words_in_every_dialect(kind: type[StonechatError]) -> None:
    error = _made(kind)
    told = await oauth_errors.present_error(error, None)
    for answer in (mastodon_errors.present_error(error), told):
        assert 400 <= answer.status <= 503
        assert b'"error":' in answer.encoded()
    community = selfcommunity_errors.present_error(error, HeldClock())
    assert 400 <= community.status <= 503
    assert b'{"errors":[{' in community.encoded()
    live = stativate_errors.present_error(error, clock.from_ms(0))
    assert 400 <= live.status <= 503
    # There, what is not there and a fault of ours say nothing.
    assert (b'"message":' in live.encoded()) is (live.status not in (404, 500))


def test_every_error_of_the_tree_is_drawn() -> None:
    assert errors.__doc__ is not None
    for kind in _leaves():
        assert kind.__name__ in errors.__doc__
