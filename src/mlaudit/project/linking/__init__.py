"""Python across files: what names mean, what calls what, and what a program reaches."""
