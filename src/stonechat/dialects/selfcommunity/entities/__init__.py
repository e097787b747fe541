"""Entities: views in, the vendor's wire shapes out. Pure; nothing here can ask for more."""
