"""What each single file says, as small immutable records."""
