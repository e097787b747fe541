"""Realtime: open pages, and who tells them what is new."""
