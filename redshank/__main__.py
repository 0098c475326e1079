"""`python -m redshank`: the same as the command `redshank`."""

from redshank.cli import app

if __name__ == "__main__":
    app(prog_name="redshank")
