"""Forms: Mastodon's parameters in, commands of the domain out."""
