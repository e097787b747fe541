"""Forms: bodies of requests in, what somebody wants of a beacon out. Nothing is bent to fit."""
