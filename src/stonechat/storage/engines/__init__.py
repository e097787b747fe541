"""Engines: SQLite by apsw, PostgreSQL by asyncpg. No other folder imports a driver."""
