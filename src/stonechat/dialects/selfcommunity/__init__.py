"""SelfCommunity's API: communities with categories, comments, votes and feeds."""
