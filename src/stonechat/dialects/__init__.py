"""Dialects: one folder per wire contract. They never import each other.

The vendor's document is a dialect's law; its words stay in its folder.
"""
