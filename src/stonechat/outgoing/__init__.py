"""Outgoing: the one way in which the server asks something of another one.

Whatever is fetched or posted, for whatever reason, goes through `client.Web`: it knows no cards, no
webhooks, no accounts, only addresses, bounds and bytes. Nobody else imports an HTTP client.
"""
