"""What mlaudit looks for: rules are data, matchers look."""
