"""Benchmarks and fault drills against the real server, run by `make bench`.

Timings live here and not in the tests. What counts is the server's CPU time per request,
which other work on the machine disturbs far less than requests per second.
"""
