"""Storage: the nouns in SQL.

A store is a module of functions that take a `Reader` or a `Transaction`; SQL stands next to the
function that uses it. Only `engines` imports a database driver, and only `migrations` holds DDL.
"""
