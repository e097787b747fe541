"""Entities: what the templates of the desk are given. Pure: views in, values out."""
