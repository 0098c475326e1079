"""What the README and the docs promise is there."""

import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

import connectors
from core.files import write_lines
from core.settings import Settings, load
from core.types import Severity
from core.work import Entry
from policies.clocks import DEFAULTS
from redshank.auditing import document
from redshank.cli import app
from storage import audit

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
            from core.reach import SourceSettings

            expected |= set(keys(SourceSettings, section))
        elif section == "mail":
            from core.settings import Mail

            expected |= set(keys(Mail, section)) - {"mail.password"}
        elif section == "people":
            expected.add("people.ROLE")
        elif section in {"keys", "budgets"}:
            expected.add(f"{section}.NAME")
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


def _settings_shown():
    for page in PAGES:
        for number, block in enumerate(page.read_text().split("```toml\n")[1:], 1):
            yield pytest.param(block.partition("```")[0], id=f"{page.name}-{number}")


@pytest.mark.parametrize("shown", list(_settings_shown()))
def test_the_settings_that_pages_show_are_accepted(shown, tmp_path):
    config = tmp_path / "redshank.toml"
    begun = '[organisation]\nname = "Oakfield House"\n'
    config.write_text(begun + re.sub(r"^# ", "", shown, flags=re.M).replace("[organisation]\n", ""))
    config.chmod(0o600)
    assert load(config).path == config


def test_the_service_levels_shown_are_the_defaults():
    page = (ROOT / "docs" / "alerts.md").read_text().partition("<!-- levels -->")[2]
    shown = [re.split(r" *\| *", row.strip("| ")) for row in page.splitlines()[3:7]]
    levels = {severity: DEFAULTS.of(severity) for severity in reversed(Severity) if severity}
    assert shown == [
        [
            str(severity),
            str(level.first_eyes),
            str(level.owner_told or "with the digest"),
            str(level.first_route),
        ]
        for severity, level in levels.items()
    ]


def _verified(lines, file):
    """What the program shown in docs/storage.md says of an export."""
    program = (ROOT / "docs" / "storage.md").read_text().split("```python\n")[2].partition("```")[0]
    write_lines(file, lines)
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, file], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, (done.stdout or done.stderr).strip()


def test_the_program_shown_verifies_an_export(tmp_path):
    lines, previous = [], ""
    for number in range(1, 4):
        values = {
            "at": datetime(2026, 3, 2, 9, number, tzinfo=UTC),
            "actor": "zoë",
            "role": "hr",
            "action": "note",
            "case_id": number,
            "before": "raised",
            "after": "raised",
            "reason": "“quoted”",
            "details": {"b": [1, None], "a": True},
            "previous": previous,
        }
        previous = audit.digest(values)
        lines.append(document(Entry(id=number, **values, digest=previous)))
    assert _verified(lines, tmp_path / "whole.jsonl") == (0, f"whole; the last digest is {previous}")
    assert _verified([lines[0], lines[2]], tmp_path / "gap.jsonl")[0] == 1
    assert _verified([lines[0] | {"actor": "jo"}], tmp_path / "altered.jsonl") == (1, "line 1 was altered")


def test_the_projects_pages_speak_of_the_project_only():
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        assert not re.search(r"\b(session|issue) #?\d", page.read_text()), page


def test_the_table_of_places_names_every_kind_its_keys_and_whether_it_needs_approval():
    page = (ROOT / "docs" / "connectors" / "README.md").read_text()
    rows = dict(re.findall(r"^\| \[`(\w+)`\]\(\1\.md\) \| (.*) \|$", page, re.M))
    assert set(rows) == set(connectors.names())
    for kind, row in rows.items():
        _, keys, approval = (cell.strip() for cell in row.rsplit("|", 2))
        terms = connectors.load(kind).TERMS
        assert re.findall(r"`(\w+)`", keys) == list(terms.keys), kind
        assert (approval == "yes") == bool(terms.approval), kind
    assert f"[all {len(rows)} kinds]" in README
