"""Routes: one module for each step of the flow."""
