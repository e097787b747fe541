"""Scopes in plain words, for the page on which a person agrees to them."""

from typing import Final

_FAMILIES: Final = {
    "read": "See everything that your account can see, direct messages too",
    "write": "Post, change and delete in your name, and change your profile",
    "follow": "See and change whom you follow, block and mute",
    "push": "Send notices to your device",
    "profile": "See your name and picture",
    "community": "Change your e-mail address, and close your account",
    "admin:read": "See what only administrators see",
    "admin:write": "Run this server in your name",
}
_NOUNS: Final = {
    "accounts": "accounts and profiles",
    "blocks": "blocks",
    "bookmarks": "bookmarks",
    "canonical_email_blocks": "blocked e-mail addresses",
    "collections": "collections",
    "conversations": "conversations",
    "domain_allows": "allowed servers",
    "domain_blocks": "blocked servers",
    "email_domain_blocks": "blocked e-mail providers",
    "favourites": "favourites",
    "filters": "filters",
    "follows": "follows",
    "ip_blocks": "blocked addresses",
    "lists": "lists",
    "media": "uploaded files",
    "mutes": "mutes",
    "notifications": "notifications",
    "reports": "reports",
    "search": "search results",
    "statuses": "posts",
}
_VERBS: Final = {
    "read": "See your {}",
    "write": "Change your {}",
    "admin:read": "As an administrator, see {}",
    "admin:write": "As an administrator, change {}",
}


def describe_scopes(scopes: str) -> list[str]:
    """One line for each scope that says something a person should know, in their order."""
    asked = scopes.split()
    lines: list[str] = []
    for scope in asked:
        family, _, noun = scope.rpartition(":")
        if scope in _FAMILIES:
            lines.append(_FAMILIES[scope])
        elif noun in _NOUNS and family not in asked:
            lines.append(_VERBS[family].format(_NOUNS[noun]))
    return lines
