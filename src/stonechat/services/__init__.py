"""Services: verbs, one module per noun. One verb is one transaction: read, decide, write.

What follows a verb elsewhere follows from the jobs that its transaction wrote, after commit.
"""
