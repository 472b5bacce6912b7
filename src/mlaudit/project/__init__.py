"""How the files of a repository hang together."""
