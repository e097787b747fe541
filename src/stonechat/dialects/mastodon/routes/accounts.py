"""Accounts: one, several, by name, by the beginning of a name; and all that hangs on one."""

from functools import partial
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.accounts import present_account
from stonechat.dialects.mastodon.entities.lists import present_list
from stonechat.dialects.mastodon.entities.tags import present_featured_tag
from stonechat.dialects.mastodon.forms.accounts import (
    CHOICE_NAMES,
    everybody,
    read_acct,
    read_ids,
    read_search,
    read_status_choice,
    wants_everybody,
)
from stonechat.dialects.mastodon.routes.timelines import answer_page
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.profiles import Circle
from stonechat.domain.relationships import ENDORSEMENTS_MAX
from stonechat.domain.viewers import Caller
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.kernel.paging import Page
from stonechat.services import accounts, lists, profiles, tags


async def show(call: MastodonCall) -> Answer:
    """One account."""
    account = await accounts.see_account(call.env, AccountId(call.path_id()))
    return Answer(present_account(account, call.room.site))


async def index(call: MastodonCall) -> Answer:
    """Several accounts by id; those that do not exist are left out."""
    ids = read_ids(call.parameters, limits.ACCOUNTS_BY_ID_MAX)
    found = await accounts.see_accounts(call.env, ids)
    return Answer([present_account(account, call.room.site) for account in found])


async def lookup(call: MastodonCall) -> Answer:
    """The account of a full name."""
    account = await accounts.look_up(call.env, read_acct(call.parameters))
    return Answer(present_account(account, call.room.site))


async def search(call: MastodonCall) -> Answer:
    """Accounts by the beginnings of their names."""
    query = read_search(call.parameters)
    found = await accounts.search_accounts(call.env, call.viewer, query)
    return Answer(await call.room.account_list(found))


async def index_statuses(call: MastodonCall) -> Answer:
    """What an account said."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    choice = read_status_choice(call.parameters)
    host_id = AccountId(call.path_id())
    if choice is None:
        call.viewer, _ = await profiles.enter(call.env, call.bearer, host_id)
        return await answer_page(call, call.viewer, Page([]))
    call.viewer, page = await profiles.list_statuses(call.env, call.bearer, host_id, choice, cursor)
    return await answer_page(call, call.viewer, page, kept=CHOICE_NAMES)


async def answer_people(call: MastodonCall, page: Page[AccountId]) -> Answer:
    """A page of accounts with its links, by ids that clients know from there alone."""
    body = await call.room.account_list(page.items)
    url = call.env.settings.base_url + call.request.path
    return Answer(body, headers=link_header(url, call.parameters, page, previous="since_id"))


async def index_circle(call: MastodonCall, circle: Circle) -> Answer:
    """The people around an account."""
    cursor = read_cursor(call.parameters, limits.ACCOUNTS_PAGE, has_min=False)
    call.viewer, page = await profiles.list_circle(
        call.env, call.bearer, AccountId(call.path_id()), circle, cursor
    )
    return await answer_people(call, page)


async def index_endorsements(call: MastodonCall) -> Answer:
    """Whom the viewer shows on their profile; everybody, without links, for `limit=0`."""
    if wants_everybody(call.parameters):
        cursor = everybody(ENDORSEMENTS_MAX)
        page = await profiles.list_endorsed(call.env, call.viewer, cursor)
        return Answer(await call.room.account_list(page.items))
    cursor = read_cursor(call.parameters, limits.ACCOUNTS_PAGE, has_min=False)
    return await answer_people(call, await profiles.list_endorsed(call.env, call.viewer, cursor))


async def index_lists(call: MastodonCall) -> Answer:
    """The viewer's own lists that an account is on."""
    account = await accounts.see_account(call.env, AccountId(call.path_id()))
    found = await lists.see_lists_holding(call.env, call.viewer, account.id)
    return Answer([present_list(each) for each in found])


async def index_featured_tags(call: MastodonCall) -> Answer:
    """The tags on an account's profile."""
    account = await accounts.see_account(call.env, AccountId(call.path_id()))
    found = [] if account.state == "suspended" else await tags.list_featured(call.env, account.id)
    return Answer([present_featured_tag(tag, call.room.site.base_url) for tag in found])


async def index_identity_proofs(call: MastodonCall) -> Answer:
    """Nothing: these went out of use long ago, and old clients still ask."""
    await accounts.see_account(call.env, AccountId(call.path_id()))
    return Answer([])


_ACCOUNT: Final = "/api/v1/accounts/{id}"
_READ: Final = "read:accounts"


def _circle(name: str, circle: Circle) -> MastodonOperation:
    handler = partial(index_circle, circle=circle)
    path = f"{_ACCOUNT}/{name}"
    return MastodonOperation("GET", path, handler, "[Account]", Caller.ANYONE, _READ, rides=True)


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/accounts", index, "[Account]", Caller.ANYONE, _READ),
    MastodonOperation("GET", "/api/v1/accounts/lookup", lookup, "Account", Caller.ANYONE, _READ),
    MastodonOperation("GET", "/api/v1/accounts/search", search, "[Account]", scope=_READ),
    MastodonOperation("GET", _ACCOUNT, show, "Account", Caller.ANYONE, _READ),
    MastodonOperation(
        "GET",
        f"{_ACCOUNT}/statuses",
        index_statuses,
        "[Status]",
        Caller.ANYONE,
        "read:statuses",
        rides=True,
    ),
    _circle("followers", Circle.FOLLOWERS),
    _circle("following", Circle.FOLLOWINGS),
    _circle("endorsements", Circle.ENDORSED),
    MastodonOperation("GET", f"{_ACCOUNT}/lists", index_lists, "[List]", scope="read:lists"),
    MastodonOperation(
        "GET",
        f"{_ACCOUNT}/featured_tags",
        index_featured_tags,
        "[FeaturedTag]",
        Caller.ANYONE,
    ),
    MastodonOperation(
        "GET",
        f"{_ACCOUNT}/identity_proofs",
        index_identity_proofs,
        "[IdentityProof]",
        scope=_READ,
    ),
    MastodonOperation("GET", "/api/v1/endorsements", index_endorsements, "[Account]", scope=_READ),
)
