"""The shared words: values, settings and errors. Imports nothing else of ours."""
