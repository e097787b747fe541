"""Legal pages: the rules and what is kept about people.

`last_revisions` is what an interface asks to find out what somebody has to agree to once more, and
shows in a window that hides all else. Who has an account has agreed, so there is nothing there.
"""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, tell
from stonechat.dialects.selfcommunity.entities.legal_pages import LegalPage, present_legal_page
from stonechat.dialects.selfcommunity.short_lists import answer_short, fits, read_search
from stonechat.domain.legal_pages import list_legal_pages
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound


def _every(call: CommunityCall) -> list[LegalPage]:
    return [present_legal_page(each) for each in list_legal_pages(call.env.settings)]


async def index(call: CommunityCall) -> Answer:
    """All of them, or those that are searched for."""
    search = read_search(call)
    found = [each for each in _every(call) if fits(search, each.title, each.html_body)]
    return answer_short(call, found)


async def last_revisions(call: CommunityCall) -> Answer:
    """What has to be agreed to once more: nothing."""
    del call
    return Answer([])


def _find(call: CommunityCall) -> LegalPage:
    """The page of an id or of the name of a policy."""
    wanted = call.path["id"]
    for page in _every(call):
        if wanted in (str(page.id), page.slug):
            return page
    raise NotFound


async def show(call: CommunityCall) -> Answer:
    """One of them."""
    return Answer(_find(call))


async def revisions(call: CommunityCall) -> Answer:
    """Every version of one that is kept: the one that holds."""
    return Answer([_find(call)])


OPERATIONS: Final = (
    tell("GET /api/v2/legal_page/", index, "[LegalPage]"),
    tell("GET /api/v2/legal_page/search/", index, "[LegalPage]"),
    tell("GET /api/v2/legal_page/last_revisions/", last_revisions, "[LegalPage]"),
    tell("GET /api/v2/legal_page/{id}/", show, "LegalPage"),
    tell("GET /api/v2/legal_page/{id}/revisions/", revisions, "[LegalPage]"),
)
