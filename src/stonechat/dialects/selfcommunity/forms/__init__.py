"""Forms: what requests say in, orders in the words of the domain out."""
