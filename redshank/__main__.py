"""`python -m redshank`: the same as the command `redshank`."""

from redshank.cli import app

app(prog_name="redshank")
