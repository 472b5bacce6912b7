"""How mature the MLOps practice is, with the evidence."""
