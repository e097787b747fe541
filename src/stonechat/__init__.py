"""Stonechat: a self-hosted status server, one core behind several wire dialects.

Nothing is imported here: `app.py` is the composition root, and `cli/` is the way in.
"""

__version__ = "0.1.0"
