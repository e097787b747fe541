"""Preferences. How a client is to read is its own business here, so that part is fixed."""

from stonechat.domain.preferences import PreferencesView


def present_preferences(view: PreferencesView) -> dict[str, str | bool | None]:
    """Preferences on the wire; quotes do not exist here, so nobody may quote."""
    return {
        "posting:default:visibility": view.visibility,
        "posting:default:sensitive": view.is_sensitive,
        "posting:default:language": view.language,
        "posting:default:quote_policy": "nobody",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }
