"""Stativate's API: what programs speak that set and read live values."""
