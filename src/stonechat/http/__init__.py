"""The furniture that all doors share: reading requests, and shaping what goes back.

Nothing here knows a dialect or a route, and nothing here asks the database by itself.
What only one dialect needs belongs into that dialect's folder.
"""
