"""CustomMenu: the links at the foot of a page. They come from the settings, so nobody edits them.

An interface crashes over a menu without `items`, and asks for menus by their names as if these
were ids.
"""

import msgspec

from stonechat.kernel.settings import Settings


class CustomMenuItem(msgspec.Struct, frozen=True):
    """One link."""

    id: int
    custom_menu: int
    label: str
    url: str
    attrs: str
    order: int


class CustomMenu(msgspec.Struct, frozen=True):
    """The vendor's CustomMenu."""

    id: int
    name: str
    items: list[CustomMenuItem]


def present_menus(settings: Settings) -> list[CustomMenu]:
    """The menus that the vendor's interface knows: for members, for strangers, and one's own."""
    links = [("About", f"{settings.base_url}/about")]
    if settings.contact_email:
        links.append(("Contact", f"mailto:{settings.contact_email}"))
    return [
        _menu(1, "base", links),
        _menu(2, "not_logged", links),
        _menu(3, "user", []),
    ]


def _menu(menu_id: int, name: str, links: list[tuple[str, str]]) -> CustomMenu:
    items = [
        CustomMenuItem(menu_id * 100 + number, menu_id, label, url, "", number)
        for number, (label, url) in enumerate(links, 1)
    ]
    return CustomMenu(menu_id, name, items)
