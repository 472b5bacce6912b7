"""Runs of experiment trackers."""
