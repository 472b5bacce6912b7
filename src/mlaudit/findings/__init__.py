"""What the user should see, and the one funnel that decides it."""
