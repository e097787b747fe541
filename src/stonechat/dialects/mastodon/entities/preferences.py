"""Preferences. How a client is to read is its own business here, so that part is fixed."""

from stonechat.domain.preferences import PreferencesView


def present_preferences(view: PreferencesView) -> dict[str, str | bool | None]:
    """Preferences on the wire."""
    return {
        "posting:default:visibility": view.visibility,
        "posting:default:sensitive": view.is_sensitive,
        "posting:default:language": view.language,
        "posting:default:quote_policy": view.quote_policy.label,
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }
