"""Routes: one module per noun, each ending in its table of operations."""
