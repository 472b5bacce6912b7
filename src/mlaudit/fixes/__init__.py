"""Edits that mend what was found."""
