"""The web face: pages and feeds for people who have no account here, rendered on the server.

There is no script on any page, and nobody is signed in: what a page shows is what everybody may
see. Signing in belongs to dialects/oauth, whose pages share their furniture (http/pages).
"""
