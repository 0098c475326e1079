"""What we know; the only code that touches the database."""
