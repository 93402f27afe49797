"""The whole demo: a real service, a real client and a real webhook, in one command."""

import os
import re
import subprocess
import sys

import pytest

STATES = "[█▒·?!]{43}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    picture = tmp_path_factory.mktemp("demo") / "demo.svg"
    options = ["--once", "--port", "0", "--svg", str(picture)]
    run = subprocess.run(
        [sys.executable, "-m", "app.cli", "demo", *options],
        env={**os.environ, "COLUMNS": "120"},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout, picture.read_text()


def weeks(output: str, feature: str) -> int:
    row = re.search(rf"^{feature} +({STATES})", output, re.MULTILINE)
    assert row, output
    return row[1].count("█")


def test_the_weather_drifts_and_the_schedule_does_not(demo):
    output, _ = demo
    assert weeks(output, "temp") >= 15
    assert all(weeks(output, name) <= 1 for name in ("hour", "origin", "carrier"))
    assert weeks(output, "distance") <= 2


def test_every_row_that_was_sent_is_counted(demo):
    fate = r"(28,\d{3}) sent in 304 batches: \1 counted, 0 duplicate, 0 late, 0 rejected"
    assert re.search(fate, demo[0])


def test_one_alert_fires_once_and_its_webhook_arrives_signed(demo):
    output, _ = demo
    assert "default firing since 04 March 2013" in output
    assert output.count("io.leeway.alert.firing.v1 delivered after 1 try") == 1
    assert output.count("FIRING") == 1
    assert re.search(r"signature +good", output)


def test_drift_asked_for_one_retraining_whose_promotion_ends_the_alert(demo):
    output, _ = demo
    assert output.count("RETRAIN ") == 1
    assert "asked for by drift: version december promoted; the alert resolved" in output
    assert output.count("io.leeway.retraining.requested.v1 delivered after 1 try") == 1
    assert "rtt_" not in output


def test_the_lines_to_paste_name_the_version_that_was_judged_not_the_new_champion(demo):
    asked = re.findall(r"/windows\S*[?&]version=(\w+)", demo[0])
    assert len(asked) == 2
    assert "december" not in asked


def test_no_figure_of_a_webhook_is_a_question_mark(demo):
    assert "RESOLVED" in demo[0]
    assert not re.search(r"window .*\? rows", demo[0])


def test_the_picture_shows_the_table(demo):
    assert "wind_speed" in demo[1]
    assert "curl" in demo[1]
