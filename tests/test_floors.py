"""The floors of the house: imports go down only, and opening a module opens nothing else."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]


def test_imports_go_down_the_floors(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS


def test_an_import_that_goes_up_is_refused(tmp_path, monkeypatch):
    for room, line in (("upper", ""), ("lower", "import upper\n")):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text(line)
    contract = 'root_packages = ["upper", "lower"]\n[[tool.importlinter.contracts]]\nname = "floors"\n'
    config = tmp_path / "pyproject.toml"
    config.write_text(f'[tool.importlinter]\n{contract}type = "layers"\nlayers = ["upper", "lower"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert lint_imports(config_filename=str(config), no_cache=True) != EXIT_STATUS_SUCCESS


def test_every_room_is_under_the_contract():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = " ".join(contract["contracts"][0]["layers"]).replace("|", " ").split()
    assert sorted(named) == sorted(ROOMS) == sorted(contract["root_packages"])


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_reads_no_settings_and_writes_nothing(room, tmp_path):
    modules = [module.name for module in walk_packages(import_module(room).__path__, f"{room}.")]
    skipped = ("classifiers.training", "storage.migrations")
    wanted = [name for name in modules if not name.startswith(skipped)]
    program = f"import importlib\nfor name in {wanted!r}: importlib.import_module(name)"
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", program],
        cwd=tmp_path,
        env={"HOME": str(home), "PREFECT_HOME": str(home / "prefect"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [path for path in tmp_path.rglob("*") if "prefect" not in str(path) and path != home] == []
