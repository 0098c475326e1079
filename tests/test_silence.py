"""What Prefect keeps of a run holds no text, no name and no secret; telemetry is off."""

import os

import pytest
from prefect.settings import get_current_settings
from town import BREACH, Post, open_town

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

        def sometimes(texts):
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


def test_telemetry_is_off():
    assert get_current_settings().server.analytics_enabled is False
    assert os.environ["DO_NOT_TRACK"] == "1"
