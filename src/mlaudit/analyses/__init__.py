"""The few checks that need an algorithm."""
