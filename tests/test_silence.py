"""What Prefect keeps of a run holds no text, no name and no secret; telemetry is off."""

import os
import subprocess
import sys

import pytest
from prefect.settings import get_current_settings
from town import BREACH, Post, open_town

from core.errors import RedshankError
from flows import collect, tell, triage
from flows.wiring import house

SECRETS = ("Maureen", "Tibbs", "soiled herself", "nightowl-author", "hunter2-password", "governance@oakfield")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_whole_run_under_prefect_leaves_no_word_of_anybody_behind(
    prefect_database, tmp_path, monkeypatch, capfd
):
    monkeypatch.setenv("REDSHANK_MAIL__PASSWORD", "hunter2-password")
    with open_town(tmp_path, [Post("a", BREACH, "nightowl-author"), Post("b", BREACH + " Again.")]) as town:
        monkeypatch.setenv("REDSHANK_CONFIG", str(town.config))
        town.config.write_text(town.config.read_text().replace("[people]", 'username = "us"\n[people]'))
        assert collect.collect(str(town.config)) == {"sources": 1, "failed": 0, "new": 2}
        broken = house(str(town.config)).judgement.assess

        def sometimes(texts, **_):
            if len(texts) > 1 or texts[0].endswith("Again."):
                raise RuntimeError(f"cannot read {texts[0]}")
            return broken(texts)

        monkeypatch.setattr(house(str(town.config)).judgement, "assess", sometimes)
        assert triage.triage(str(town.config)) == {"assessed": 1, "dropped": 0, "failed": 1, "cases": 1}
        tell.tell(str(town.config))
        house(str(town.config)).close()
    kept = b"".join(path.read_bytes() for path in prefect_database.parent.glob(prefect_database.name + "*"))
    printed = "".join(capfd.readouterr())
    # The check can fail: what may be there is there.
    assert str(tmp_path).encode() in kept
    assert "assessment_broke" in printed
    for secret in SECRETS:
        assert secret.encode() not in kept
        assert secret not in printed


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_mistake_of_ours_leaves_no_word_behind_either(prefect_database, tmp_path, monkeypatch, capfd):
    def broken(mention, *_):
        raise ValueError("no rule fits: " + mention.text)

    monkeypatch.setattr(triage, "judge", broken)
    with open_town(tmp_path, [Post("a", BREACH, "nightowl-author")]) as town:
        collect.collect(str(town.config))
        with pytest.raises(RedshankError, match="triage_queue broke: ValueError") as caught:
            triage.triage(str(town.config))
        house(str(town.config)).close()
    assert caught.value.__cause__ is None
    kept = b"".join(path.read_bytes() for path in prefect_database.parent.glob(prefect_database.name + "*"))
    printed = "".join(capfd.readouterr())
    assert b"triage_queue broke: ValueError" in kept
    for secret in SECRETS:
        assert secret.encode() not in kept
        assert secret not in printed


def test_a_worker_that_never_saw_the_command_line_logs_no_words(tmp_path):
    program = """
import sys
from unittest import mock
from flows import collect, triage, wiring
house = wiring.house(sys.argv[1])
collect.collect_all(house, ["town"])
def fragile(texts, **_):
    raise RuntimeError("cannot read " + texts[0])
with mock.patch.object(house.judgement, "assess", fragile):
    print(triage.triage_all(house))
house.close()
"""
    with open_town(tmp_path, [Post("a", BREACH, "nightowl-author")]) as town:
        done = subprocess.run(
            [sys.executable, "-c", program, str(town.config)], capture_output=True, text=True, check=True
        )
    assert "failed=1" in done.stdout
    assert "assessment_broke" in done.stderr
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr


def test_telemetry_is_off():
    assert get_current_settings().server.analytics_enabled is False
    assert os.environ["DO_NOT_TRACK"] == "1"
