"""Routes: the operations of this dialect, one module per noun; each ends in its OPERATIONS."""
