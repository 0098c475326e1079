"""What the README and the docs promise is there."""

import re
from pathlib import Path

import pytest

from core.settings import Settings
from redshank.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]


def _commands():
    groups = {group.name for group in app.registered_groups}
    return groups | {command.name or command.callback.__name__ for command in app.registered_commands}


def test_the_readme_names_every_command_and_no_other():
    assert set(re.findall(r"^\| `redshank (\w+)", README, re.M)) == _commands()


def test_the_readmes_make_targets_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"^make (\w+)", README, re.M)) <= targets


def test_the_readme_names_every_folder():
    import tomllib

    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    named = set(re.findall(r"`(\w+)/`", README.partition("## Where everything lives")[2]))
    assert set(wheel["packages"]) <= named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links {target}"


def test_every_setting_is_documented_and_nothing_else():
    def keys(model, prefix):
        for name, field in model.model_fields.items():
            yield f"{prefix}.{field.alias or name}"

    expected = set()
    for section, field in Settings.model_fields.items():
        inner = field.annotation
        if section == "sources":
            from core.settings import SourceSettings

            expected |= set(keys(SourceSettings, section))
        elif section == "mail":
            from core.settings import Mail

            expected |= set(keys(Mail, section)) - {"mail.password"}
        elif section == "people":
            expected.add("people.ROLE")
        elif section == "team":
            from core.sections import TeamMember

            expected |= set(keys(TeamMember, section))
        elif section == "channels":
            from core.sections import ChannelSettings

            expected |= set(keys(ChannelSettings, "channels.NAME"))
        else:
            expected |= set(keys(inner, section))
    table = (ROOT / "docs" / "running.md").read_text().partition("## Settings")[2]
    documented = {
        key for row in re.findall(r"^\| (.*?) \|", table, re.M) for key in re.findall(r"`([\w.]+)`", row)
    }
    assert documented == expected


def test_the_projects_pages_speak_of_the_project_only():
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        assert not re.search(r"\b(session|issue) #?\d", page.read_text()), page
