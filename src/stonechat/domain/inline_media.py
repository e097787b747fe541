"""Inline media: pictures of ours that stand inside the HTML of a contribution.

Editors put a picture into the text by the address that they were given for it, with the seal of
whoever uploaded it. A seal is for one viewer, so none is kept in a text: `without_seals` takes
them out on the way in, `marked` makes room for each viewer's own on the way out.
"""

import re
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId
from stonechat.kernel.ids import ID_MAX

_FILE: Final = re.compile(
    r'(?P<begin>src="https?://[^"/]{1,255}/media/(?P<account>[0-9]{1,16})/(?P<medium>[0-9]{1,16})'
    r'/[0-9a-f]{32}\.[a-z0-9]{2,5})(?P<seal>\?for=[^"]{0,100})?"'
)


def without_seals(html: str) -> str:
    """Clean HTML whose pictures of ours bear nobody's seal."""
    return _FILE.sub(r'\g<begin>"', html) if "?for=" in html else html


def marked(html: str, base_url: str, mark: str) -> str:
    """The same with a mark behind each address of a picture of ours, for a renderer."""
    begin = f'src="{base_url}/media/'
    if begin not in html:
        return html
    return _FILE.sub(
        lambda found: f'{found["begin"]}{mark}"' if found[0].startswith(begin) else found[0], html
    )


def find_inline(html: str | None, account_id: AccountId) -> list[MediaId]:
    """The pictures inside a text that may be its author's own, each once; not too many of them."""
    if html is None or "/media/" not in html:
        return []
    found: dict[MediaId, None] = {}
    for each in _FILE.finditer(html):
        media_id = int(each["medium"])
        if int(each["account"]) == account_id and media_id <= ID_MAX:
            found[MediaId(media_id)] = None
        if len(found) == limits.CONTRIBUTION_MEDIA_MAX:
            break
    return list(found)
