"""Where people decide."""
