"""What is said of a peer: what it flagged, and why it did not run. Nothing is installed here."""

import subprocess
import sys

import pytest

from benchmarks.peers.environments import PEERS
from benchmarks.peers.race import DRIVERS, drive, flagged, line, reason, tables

DRIFTED = {"a": True, "b": True, "c": False, "d": False}


def test_what_it_flagged():
    text = flagged({"a": True, "b": False, "c": True}, DRIFTED)
    assert text == "calls 1 of 2 drifted columns drifted, and 1 of the others"


def test_every_peer_has_a_driver_and_fixes_its_release():
    for peer in PEERS:
        assert (DRIVERS / f"{peer.name}_driver.py").exists()
        assert "==" in peer.requirements[0]


def test_a_peer_that_fails_says_why(tmp_path):
    # this interpreter has the drivers' folder, but none of the libraries
    with pytest.raises(subprocess.CalledProcessError) as caught:
        drive(sys.executable, PEERS[0], tmp_path, 1)
    assert "No module named" in reason(caught.value)


def test_one_that_takes_too_long_is_said_to():
    assert reason(subprocess.TimeoutExpired("x", 60.0)) == "no answer in 60 s"


def test_both_tables_of_the_same_answers():
    answer = {
        "version": "1.2",
        "held": 90.0,
        "peak": 100.0,
        "prepare": [1.0],
        "verdict": [2.0, 4.0],
    }
    pair = line(PEERS[0], answer, "prepare"), line(PEERS[0], answer, "verdict")
    stored, scratch = tables([pair])
    assert (stored.lines[0].best, scratch.lines[0].best) == (2.0, 3.0)
    assert (stored.lines[0].median, stored.lines[0].extra_mb) == (3.0, 10.0)
