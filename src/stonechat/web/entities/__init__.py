"""Presenters: from views to what the templates name. They are pure and never wait."""
