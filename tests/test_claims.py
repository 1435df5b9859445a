"""Claims on experiments: strict where the notebooks are written, printed in a handout."""

import re

import numpy as np
import pytest

from course import claims
from course.claims import claim, keep, kept
from coursekit.authoring.handout import STAFF_ONLY


def test_claims_are_strict_here_and_in_no_handout():
    assert claims.STRICT
    assert "mistakes" in STAFF_ONLY


def test_a_claim_that_holds_is_printed_with_its_limits(capsys):
    claim("accuracy gained", 0.123, at_least=0.04)
    claim("loss", 2.3, at_least=2.2, at_most=2.4, places=1)
    assert capsys.readouterr().out.splitlines() == [
        "accuracy gained: 0.12, expected at least 0.04",
        "loss: 2.3, expected at least 2.2 and at most 2.4",
    ]


@pytest.mark.parametrize("measured", [0.03, np.nan])
def test_a_claim_that_does_not_hold_stops_where_notebooks_are_written(measured):
    with pytest.raises(AssertionError, match=rf"^gained: {measured:.2f}, expected at least 0.04$"):
        claim("gained", measured, at_least=0.04)


@pytest.mark.parametrize("measured", [0.03, np.nan])
def test_in_a_handout_it_says_so_and_goes_on(measured, monkeypatch, capsys):
    monkeypatch.setattr(claims, "STRICT", False)
    claim("gained", measured, at_least=0.04)
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"gained: {measured:.2f}, expected at least 0.04"
    assert second.startswith("  That is not as expected.")


def test_what_is_kept_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keep("filters", w=np.arange(6.0).reshape(2, 3), price=0.5)
    keep("filters", w=np.ones(3), price=0.25)
    found = kept("filters", section="One epoch")
    assert sorted(found) == ["price", "w"]
    assert np.array_equal(found["w"], np.ones(3))
    assert found["price"] == 0.25
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1


def test_paces_keep_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keep("filters", w=np.ones(3))
    monkeypatch.setattr(claims, "PACE", "browser")
    with pytest.raises(FileNotFoundError):
        kept("filters", section="One epoch")


def test_the_section_to_run_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = "expected what the section 'One epoch' leaves; run that first"
    with pytest.raises(FileNotFoundError, match=re.escape(said)):
        kept("filters", section="One epoch")
