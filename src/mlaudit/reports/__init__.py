"""One module for each format; a report formats and never judges."""
