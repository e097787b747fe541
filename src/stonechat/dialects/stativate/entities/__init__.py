"""Entities: views in, the dialect's wire shapes out. Pure; nothing here can ask for more.

What the vendor documents comes first, in the vendor's order and under its names. What we add
stands behind it, and is documented in docs/dialects/stativate.md.
"""
