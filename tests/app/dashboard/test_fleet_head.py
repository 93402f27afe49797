"""What stands above all models says neither more nor less than is known of them."""

import pytest

from app.dashboard.fleet.head import Head


@pytest.mark.parametrize(
    ("head", "badge", "lead"),
    [
        (
            Head(every=3, drifting=0, unknown=0, renewed=0, firing=0),
            ("ok", "nothing drifts"),
            "No model drifted in its last window.",
        ),
        (
            Head(every=3, drifting=1, unknown=1, renewed=0, firing=2),
            ("drift", "1 of 3 drift"),
            "1 model of 3 drifted in the last window; 1 not judged; alerts fire for 2.",
        ),
        (
            Head(every=3, drifting=0, unknown=0, renewed=0, firing=1),
            ("warning", "alerts fire for 1 of 3"),
            "No model drifted in its last window; alerts fire for 1.",
        ),
        (
            Head(every=2, drifting=0, unknown=2, renewed=0, firing=0),
            ("waiting", "2 of 2 not judged"),
            "No model has been judged yet.",
        ),
        (
            Head(every=1, drifting=0, unknown=1, renewed=1, firing=0),
            ("waiting", "1 new champion, not judged yet"),
            "No champion has been judged yet; 1 model has a new champion.",
        ),
        (
            Head(every=4, drifting=0, unknown=3, renewed=2, firing=0),
            ("waiting", "3 of 4 not judged"),
            (
                "No model that was judged drifted in its last window; "
                "2 models have a new champion; 1 not judged."
            ),
        ),
    ],
)
def test_a_badge_and_a_sentence(head: Head, badge: tuple[str, str], lead: str) -> None:
    assert head.badge == badge
    assert head.lead == lead
