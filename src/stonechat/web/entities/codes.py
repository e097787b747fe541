"""Codes: an address as a picture for cameras (a QR code), to be printed and hung up.

It is dark on white also at night: cameras read nothing else for certain.
"""

import io
from functools import lru_cache
from typing import Final

import segno

ERROR_CORRECTION: Final = "m"
"""A seventh of it may be worn off."""
BORDER_MODULES: Final = 4
PNG_MODULE_PIXELS: Final = 10
_KEPT: Final = 256


@lru_cache(maxsize=_KEPT)
def draw_code_svg(url: str) -> bytes:
    """The code of an address as SVG without any size of its own."""
    target = io.BytesIO()
    segno.make(url, error=ERROR_CORRECTION, micro=False).save(
        target,
        kind="svg",
        border=BORDER_MODULES,
        dark="#000000",
        light="#ffffff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        title="QR code",
    )
    return target.getvalue()


@lru_cache(maxsize=_KEPT)
def draw_code_png(url: str) -> bytes:
    """The code of an address as PNG."""
    target = io.BytesIO()
    segno.make(url, error=ERROR_CORRECTION, micro=False).save(
        target, kind="png", border=BORDER_MODULES, scale=PNG_MODULE_PIXELS
    )
    return target.getvalue()
