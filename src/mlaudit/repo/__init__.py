"""The files of a repository, each with a kind and a context, and what git says of them."""
