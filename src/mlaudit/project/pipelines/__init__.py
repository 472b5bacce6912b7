"""Declared pipelines, and the phases of a model's life."""
