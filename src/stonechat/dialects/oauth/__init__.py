"""OAuth 2.0: how apps come by tokens (RFC 6749, 7009, 7636, 8414), and the pages on the way."""
