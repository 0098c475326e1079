"""The command line: `redshank --help`. Commands live beside this file, by what they are for."""

import os
import warnings
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from core import logs
from redshank import (
    alerting,
    auditing,
    casework,
    judging,
    policy,
    querying,
    raising,
    reporting,
    sampling,
    setting_up,
    sources,
    terminal,
    working,
)


class _Door(TyperGroup):
    """Every command, with expected failures shown as one line."""

    def invoke(self, ctx: Any) -> Any:
        with terminal.plain_errors():
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Door,
    no_args_is_help=True,
    help="Finds public posts that tell on a service user or abuse somebody, and tells the person who decides.",
    # A traceback with local variables would print what people wrote.
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"redshank {version('redshank')}")
        raise typer.Exit


@app.callback()
def main(
    config: Annotated[
        Path, typer.Option("--config", "-c", envvar="REDSHANK_CONFIG", help="The configuration file.")
    ] = Path("redshank.toml"),
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what is done, not only what fails.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find public posts that tell on a service user or abuse somebody, and tell the person who decides."""
    os.environ["REDSHANK_CONFIG"] = str(config)
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # Prefect writes into this folder as soon as it is imported; nothing of ours belongs into anybody's home.
    var = config.resolve().parent / "var"
    os.environ.setdefault("PREFECT_HOME", str(var / "prefect"))
    os.environ.setdefault("MPLCONFIGDIR", str(var / "matplotlib"))
    if config.exists():
        with suppress(OSError):  # what cannot be written is told by the part that needs it
            var.mkdir(exist_ok=True)  # Prefect makes the last folder of the path only
    else:
        warnings.filterwarnings("ignore", "Failed to create the Prefect home directory")
    logs.configure(verbose=verbose)


for part in (setting_up.app, working.app, judging.app, querying.app, raising.app, reporting.app):
    app.registered_commands += part.registered_commands
app.add_typer(casework.app, name="case")
app.add_typer(sources.app, name="sources")
app.add_typer(policy.app, name="policy")
app.add_typer(alerting.app, name="alerts")
app.add_typer(sampling.app, name="sample")
app.add_typer(sampling.exports, name="export")
app.add_typer(auditing.app, name="audit")
