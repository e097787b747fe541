"""Routes: the operations of this dialect, one module per noun.

A handler reads its form, asks one service, and renders; each module ends in its OPERATIONS.
"""
