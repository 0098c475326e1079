"""The command line, as its users and their scripts meet it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from town import BREACH, HARMLESS, NAMESAKE, Post, open_town
from typer.testing import CliRunner

from redshank import terminal
from redshank.cli import app

LABELLED = {"platform": "x", "author_role": "staff", "relevant": True, "case": "leak"}


@pytest.fixture
def town(tmp_path):
    with open_town(
        tmp_path, [Post("a", BREACH, "nightowl"), Post("b", HARMLESS), Post("c", NAMESAKE)]
    ) as town:
        yield town


@pytest.fixture
def redshank(town):
    def _run(*arguments, stdin=None, config=town.config):
        return CliRunner().invoke(app, ["--config", str(config), *map(str, arguments)], input=stdin)

    return _run


def _line(path, beginning):
    return next(
        number for number, line in enumerate(path.read_text().splitlines(), 1) if line.startswith(beginning)
    )


def test_run_says_what_it_did_in_json(redshank):
    done = redshank("run", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["sources"] == {"town": {"new": 3, "known": 0, "error": None}}
    assert (said["assessed"], said["cases"]) == (2, 1)
    assert said["sent"] >= 1
    again = json.loads(redshank("run", "--json").stdout)
    assert again["sources"]["town"]["new"] == 0
    assert (again["assessed"], again["cases"], again["sent"]) == (0, 0, 0)


def test_run_exits_0_when_a_source_failed_and_says_so(redshank, town):
    town.status = 500
    done = redshank("run", "--json")
    assert done.exit_code == 0
    assert "500" in json.loads(done.stdout)["sources"]["town"]["error"]
    assert "500" in redshank("run").output


def test_the_parts_by_hand_do_what_run_does(redshank, town):
    assert json.loads(redshank("collect", "--json").stdout)["town"]["new"] == 3
    assert json.loads(redshank("triage", "--json").stdout)["cases"] == 1
    assert json.loads(redshank("tell", "--json").stdout)["sent"] == len(town.mails)


def test_collect_due_waits_for_the_interval(redshank):
    assert "town" in json.loads(redshank("collect", "--due", "--json").stdout)
    assert json.loads(redshank("collect", "--due", "--json").stdout) == {}
    assert "town" in json.loads(redshank("collect", "--source", "town", "--json").stdout)


def test_an_unknown_source_is_named_beside_the_known_ones(redshank):
    done = redshank("collect", "--source", "twon")
    assert done.exit_code == 2
    assert "'twon'" in done.stderr
    assert "town" in done.stderr


def test_preview_shows_what_the_query_keeps_and_saves_nothing(redshank, town):
    said = json.loads(redshank("preview", "town", "--json").stdout)
    kept = {mention["key"]: mention["kept"] for mention in said["mentions"]}
    assert kept == {"a": True, "b": True, "c": False}
    assert all(mention["why"] for mention in said["mentions"])
    assert not (town.folder / "redshank.db").exists()
    shown = redshank("preview", "town", "-n", "1")
    assert shown.exit_code == 0
    assert "nothing was saved" in shown.stderr


def test_digest_preview_prints_and_sends_nothing(redshank, town):
    redshank("run")
    before = len(town.mails)
    done = redshank("digest", "--preview")
    assert done.exit_code == 0
    assert "town" in done.stdout
    assert "Maureen" not in done.stdout
    assert len(town.mails) == before


def test_a_digest_by_hand_goes_beside_the_scheduled_one(redshank, town):
    redshank("collect")
    for _ in range(2):
        assert "messages sent: 1" in redshank("digest", "--date", "2026-03-02", "--role", "operator").stdout
    before = len(town.mails)
    redshank("tell")
    assert len(town.mails) == before + 3
    assert redshank("digest", "--date", "2099-01-01").exit_code == 2
    assert redshank("digest", "--role", "king").exit_code == 2


def test_cases_are_shown_with_their_reasons_and_without_a_text_unless_asked(redshank):
    redshank("run")
    (listed,) = json.loads(redshank("case", "list", "--json").stdout)
    assert "confidentiality" in listed["labels"]
    assert "confidentiality" in redshank("case", "list").stdout
    shown = redshank("case", "show", listed["id"])
    assert shown.exit_code == 0, shown.output
    assert "step:" in shown.stdout
    assert "Maureen" not in shown.stdout
    refused = redshank("case", "show", listed["id"], "--text")
    assert refused.exit_code == 1, "it is about somebody at risk: not everybody reads it"
    assert "safeguarding" in refused.output
    assert "Maureen" in redshank("case", "show", listed["id"], "--text", "--as", "safeguarding").stdout
    assert redshank("case", "show", 99).exit_code == 1


def test_a_model_that_cannot_be_used_ends_the_command_and_loses_nothing(redshank, town):
    good = town.config.read_text()
    town.config.write_text(good + '[model]\npath = "nowhere"\n')
    redshank("collect")
    done = redshank("triage")
    assert done.exit_code == 1
    assert "nowhere" in done.stderr.replace("\n", "")
    town.config.write_text(good)
    assert json.loads(redshank("triage", "--json").stdout)["cases"] == 1


def test_a_mistake_of_ours_is_told_without_the_words_that_caused_it(redshank, monkeypatch):
    def broken(mention, *_):
        raise ValueError("no rule fits: " + mention.text)

    redshank("collect")
    monkeypatch.setattr("flows.triage.judge", broken)
    done = redshank("triage")
    assert done.exit_code == 1
    assert "ValueError" in done.stderr
    assert "Maureen" not in done.output


def test_check_passes_here_and_names_each_thing_that_fails(redshank, town):
    done = redshank("check", "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 0, done.output
    assert said["ok"]
    assert {"configuration", "database", "policy", "query", "model", "mail", "source town"} <= {
        one["name"] for one in said["checks"]
    }
    town.status = 404
    text = town.config.read_text().replace('dpia = "TEST-1"', 'dpia = ""')
    town.config.write_text(text.replace("query = '\"Oakfield House\"'", "query = '(Oakfield'"))
    done = redshank("check", "--json")
    assert done.exit_code == 1
    failed = {one["name"]: one["detail"] for one in json.loads(done.stdout)["checks"] if not one["ok"]}
    assert set(failed) == {"governance", "query", "source town"}
    assert "404" in failed["source town"]
    assert ":3: " in failed["query"]


def test_a_wrong_key_is_one_clear_line_and_exit_2(redshank, town):
    town.config.write_text(town.config.read_text().replace("allow_hosts", "alow_hosts"))
    done = redshank("run")
    assert done.exit_code == 2
    line = _line(town.config, "alow_hosts")
    assert f"{town.config}:{line}: sources.0.alow_hosts: there is no such key" in done.stderr.replace(
        "\n", ""
    )
    assert "Traceback" not in done.output


def test_a_private_host_that_can_never_match_names_its_line(redshank, town):
    town.config.write_text(town.config.read_text().replace('["127.0.0.1"]', '["10.0.0.0/8"]'))
    done = redshank("run")
    assert done.exit_code == 2
    assert f"{town.config}:{_line(town.config, 'allow_hosts')}:" in done.stderr.replace("\n", "")


def test_an_unknown_kind_of_source_names_its_line(redshank, town):
    town.config.write_text(town.config.read_text().replace('kind = "rss"', 'kind = "rsss"'))
    done = redshank("check")
    assert done.exit_code == 1
    assert f"{town.config}:{_line(town.config, 'kind =')}:" in done.stdout.replace("\n", "")


def test_init_writes_a_configuration_that_loads_and_never_overwrites(redshank, tmp_path):
    config = tmp_path / "new" / "redshank.toml"
    arguments = ("init", "--name", "Oakfield House", "--contact", "hello@oakfield.example")
    assert redshank(*arguments, config=config).exit_code == 0
    assert (config.parent / "var" / "redshank.db").exists()
    assert redshank(*arguments, config=config).exit_code == 2
    config.write_text(config.read_text() + "# mine\n")
    assert redshank(*arguments, "--force", config=config).exit_code == 0
    assert "# mine" in config.with_name("redshank.toml.bak").read_text()
    done = redshank("run", config=config)
    assert done.exit_code == 2
    assert "impact assessment" in done.stderr


def test_score_needs_no_configuration(redshank, tmp_path):
    nowhere = tmp_path / "nowhere.toml"
    said = json.loads(redshank("score", BREACH, "--json", config=nowhere).stdout)
    assert set(said["scores"]) >= {"confidentiality", "threat"}
    assert "confidentiality" in said["labels"]
    assert said["reasons"]
    assert set(said["labels"]) <= set(said["ask"])
    shown = redshank("score", "-", stdin=BREACH, config=nowhere)
    assert shown.exit_code == 0
    assert "severity" in shown.stdout


def test_score_file_keeps_the_order(redshank, tmp_path):
    rows = [{"id": f"t-{number}", "text": f"{number} {HARMLESS * (number % 5)}"} for number in range(40)]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert redshank("score", "--file", source, "--out", target).exit_code == 0
    written = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["id"] for line in written] == [row["id"] for row in rows]
    fields = {"id", "labels", "scores", "ask", "severity", "relevant", "author_role", "findings"}
    assert all(set(line) == fields for line in written)


def test_a_bad_line_is_named_and_nothing_is_written(redshank, tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "a", "text": "x"}\n{"id": "b"}\n')
    done = redshank("score", "--file", source, "--out", target)
    assert done.exit_code == 2
    assert f"{source}:2" in done.stderr.replace("\n", "")
    assert not target.exists()


def test_evaluate_prints_the_contract(redshank, tmp_path):
    source, target = tmp_path / "dev.jsonl", tmp_path / "predictions.jsonl"
    rows = [
        LABELLED | {"id": "1", "text": BREACH, "labels": ["confidentiality"], "severity": "high"},
        LABELLED | {"id": "2", "text": HARMLESS, "labels": [], "severity": "none", "case": "fair"},
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = redshank("evaluate", source, "--json", "--predictions", target)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert {
        "n",
        "model",
        "macro_f1",
        "micro_f1",
        "labels",
        "flag",
        "false_alarms_per_100_clean",
        "severity",
        "relevance",
        "cases",
        "mentions_per_second",
    } <= set(said)
    assert said["n"] == 2
    assert set(said["labels"]["threat"]) == {
        "precision",
        "recall",
        "f1",
        "support",
        "threshold",
        "ask_recall",
    }
    assert set(said["severity"]) == {"exact", "within_one"}
    assert len(target.read_text().splitlines()) == 2
    assert redshank("evaluate", source).exit_code == 0


def test_output_that_nobody_reads_is_no_error(town):
    command = f"{sys.executable} -m redshank -c {town.config} preview town --json | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_help_names_every_command():
    shown = CliRunner().invoke(app, ["--help"]).stdout
    for command in [
        "demo",
        "init",
        "check",
        "preview",
        "run",
        "serve",
        "collect",
        "triage",
        "tell",
        "digest",
        "score",
        "evaluate",
    ]:
        assert command in shown


def test_help_starts_without_the_heavy_rooms():
    program = (
        "import sys; from redshank.cli import app; "
        "print(sorted({'prefect', 'onnxruntime', 'trafilatura', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_demo_goes_all_the_way(tmp_path):
    folder = tmp_path / "demo"
    done = CliRunner().invoke(app, ["demo", "--json", "--no-serve", "--folder", str(folder)])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["mentions"] > 140
    assert said["cases"]
    assert set(said["cases"][0]) == {"id", "severity", "labels", "clauses", "source", "reason"}
    assert said["mails"]
    assert all(Path(mail).is_file() for mail in said["mails"])
    assert "<html" in (folder / "digest.html").read_text()
    assert CliRunner().invoke(app, ["demo", "--json", "--folder", str(folder)]).exit_code == 0


def test_the_demo_prints_a_table_of_the_cases(tmp_path):
    done = CliRunner().invoke(app, ["demo", "--folder", str(tmp_path / "demo")])
    assert done.exit_code == 0, done.output
    heading, first = (done.stdout.splitlines()[line].split() for line in (1, 2))
    assert heading == ["case", "severity", "labels", "clause", "source", "reason"]
    assert first[0].isdecimal()
    assert first[1] == "critical"


def test_what_is_printed_cannot_steer_a_terminal():
    assert terminal.harmless("a\x1b[2Jb\u202ec\td") == "a\ufffd[2Jb\ufffdc\td"
    assert terminal.harmless("👩\u200d⚕️ naïve\n") == "👩\u200d⚕️ naïve\n"


def test_the_demo_needs_a_folder_it_can_make(tmp_path):
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(app, ["demo", "--folder", str(tmp_path / "file")])
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_settings_that_are_wrong_are_told_before_anything_is_collected(redshank, town):
    town.config.write_text(
        town.config.read_text().replace("query = '\"Oakfield House\"'", "query = '(Oakfield'")
    )
    done = redshank("run")
    assert done.exit_code == 2
    assert town.requests == 0


def test_an_interrupted_triage_gives_its_claims_back(redshank, monkeypatch):
    redshank("collect")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.triage.judge", interrupted)
    assert redshank("triage").exit_code == 130
    monkeypatch.undo()
    assert json.loads(redshank("triage", "--json").stdout)["assessed"] == 2


def test_the_demo_empties_no_folder_that_is_not_its_own(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    done = CliRunner().invoke(app, ["demo", "--folder", str(tmp_path)])
    assert done.exit_code == 2
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
