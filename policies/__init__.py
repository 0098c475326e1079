"""What counts, and what may be done, as data."""

from policies.pack import load, names

__all__ = ["load", "names"]
