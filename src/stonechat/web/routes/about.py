"""About: who runs this server, by which rules, and on what."""

from typing import Final

from markupsafe import Markup

from stonechat import __version__
from stonechat.domain.text.markup import render_note
from stonechat.http.operations import Answer
from stonechat.services import instance
from stonechat.web.calls import WebCall, answer_page
from stonechat.web.entities.accounts import present_profile
from stonechat.web.reading import reading


async def show(call: WebCall) -> Answer:
    """The page. Two statements, more once a minute."""
    view = await instance.see_instance(call.env)
    settings, statistics = view.settings, view.statistics
    story = render_note(settings.extended_description, {}, settings.base_url)
    values = {
        "description": settings.description,
        "story": Markup(story),  # noqa: S704 - made by domain/text/markup, all escaped
        "rules": settings.rules,
        "contact": None if view.contact is None else present_profile(view.contact, call.room.site),
        "email": settings.contact_email,
        "registrations": settings.registrations,
        "version": __version__,
        "counts": (
            ("People", statistics.accounts),
            ("Active this month", statistics.active_month),
            ("Posts", statistics.statuses),
        ),
    }
    return answer_page(call, "about.html", values)


OPERATIONS: Final = (reading("/about", show),)
