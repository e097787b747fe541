"""The desk: the pages of somebody who signed in, on which they keep their beacons.

It stands beside the public pages and shares their templates' furniture, but nothing else: what is
shown here differs from person to person, so nothing may be kept by a cache, every form is tied to
the session that it was made for, and what somebody may do is always asked of the services.
"""
