"""LegalPage: what people agree to, or are told. Nobody here is asked twice, so `ack` is none."""

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant_or_none
from stonechat.domain.legal_pages import LegalPage as Facts


class LegalPage(msgspec.Struct, frozen=True):
    """The vendor's LegalPage. Interfaces tell what it is by the beginning of the slug."""

    id: int
    slug: str
    title: str
    html_summary: str
    html_body: str
    valid_from: str | None
    valid_to: str | None
    created_at: str | None
    created_by: int | None
    active: bool
    ack: None = None


def present_legal_page(page: Facts) -> LegalPage:
    """A legal page on the wire. Nothing of it is kept from before."""
    written = instant_or_none(page.updated_ms)
    return LegalPage(
        id=page.id,
        slug=page.policy,
        title=page.title,
        html_summary="",
        html_body=page.html,
        valid_from=written,
        valid_to=None,
        created_at=written,
        created_by=None,
        active=True,
    )
