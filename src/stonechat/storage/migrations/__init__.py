"""The schema, one numbered file after the other, and the runner that applies them."""
