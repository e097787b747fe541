"""Blobs: files on disk that the database names, and the decoding of pictures.

Nothing here knows an account. Whoever stores a file gets a name and keeps it in the database.
"""
