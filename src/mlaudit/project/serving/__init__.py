"""What answers requests with a model, and how it gets there."""
