"""Kernel: what every floor may lean on. Standard library only, no I/O.

Errors, clock, ids, secrets, paging and the shape of the settings live here. Nothing
here knows a noun of the product; a thing that does belongs into `domain`.
"""
