"""CredentialAccount: an account as its owner sees it, with what was typed instead of HTML."""

import msgspec

from stonechat.dialects.mastodon.entities.accounts import (
    ROLE_IDS,
    ROLE_NAMES,
    Account,
    Field,
    Site,
    present_account,
)
from stonechat.dialects.mastodon.entities.times import instant_or_none
from stonechat.domain.quotes import QuotePolicy
from stonechat.domain.views import CredentialView

# Nothing that Mastodon's permissions stand for is offered in this dialect yet; a client that
# read more here would show its user doors that lead nowhere.
NO_PERMISSIONS = "0"


class Source(msgspec.Struct, frozen=True):
    """What the owner typed and chose."""

    privacy: str
    sensitive: bool
    language: str | None
    note: str
    fields: list[Field]
    follow_requests_count: int
    hide_collections: bool
    discoverable: bool
    indexable: bool
    attribution_domains: list[str]
    quote_policy: str


class Role(msgspec.Struct, frozen=True):
    """What the owner may do here."""

    id: str
    name: str
    permissions: str
    color: str
    highlighted: bool


class CredentialAccount(Account, frozen=True, kw_only=True):
    """Mastodon's CredentialAccount."""

    source: Source
    role: Role


def present_credentials(view: CredentialView, site: Site) -> CredentialAccount:
    """The viewer's own account on the wire."""
    account = view.account
    source = Source(
        privacy=view.default_visibility,
        sensitive=view.default_sensitive,
        language=view.default_language,
        note=account.note,
        fields=[
            Field(field.name, field.value, instant_or_none(field.verified_ms))
            for field in account.fields
        ],
        follow_requests_count=view.follow_requests,
        hide_collections=account.hides_collections,
        discoverable=account.is_discoverable,
        indexable=account.is_indexable,
        attribution_domains=[],
        quote_policy=QuotePolicy(view.default_quote_policy).label,
    )
    name = ROLE_NAMES.get(account.role, "")
    role = Role(ROLE_IDS[account.role], name, NO_PERMISSIONS, "", highlighted=bool(name))
    shown = msgspec.structs.asdict(present_account(account, site))
    return CredentialAccount(**shown, source=source, role=role)
