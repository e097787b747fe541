"""Blobs: files that the database names, on disk or in a bucket, and the decoding of pictures.

Nothing here knows an account. Whoever stores a file gets a name and keeps it in the database.
"""
