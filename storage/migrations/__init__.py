"""How the tables came to be: a file in versions/ for each change, never edited after a release."""
