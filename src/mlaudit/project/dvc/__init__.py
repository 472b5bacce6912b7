"""Repositories of DVC, read as DVC reads them."""
