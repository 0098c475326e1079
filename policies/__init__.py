"""What counts, and what may be done, as data."""
