"""One module per place we read. Names starting with an underscore are helpers."""
