"""The nouns and rules of the product: pure, synchronous, immutable.

Facts come in as arguments and answers go out as values. No clock, no SQL, no await, no log.
"""
