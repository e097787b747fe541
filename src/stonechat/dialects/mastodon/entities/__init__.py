"""Entities: views in, Mastodon's wire shapes out. Pure; nothing here can ask for more.

A shape is a msgspec Struct with the name that Mastodon's documentation gives it; the
function that makes it is `present_…`.
"""
