"""Mastodon's client API: what phone and web apps speak."""
