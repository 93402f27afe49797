"""The top of a model's page: its badge and its sentence, of now, of then, and of no monitor."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.dashboard.links import Links
from app.dashboard.model.head import Head, head_of
from app.dashboard.model.told import Told
from app.dashboard.rendering import environment
from app.dashboard.series import Asked, Scene
from app.dashboard.states import WORDS, kind_of
from app.domain.model import Model, Settings
from app.domain.monitors.monitor import Monitor, Severity
from app.domain.telling.overview import Judged
from app.domain.telling.reports import AlertSummary, WindowQuery
from app.domain.verdicts.judgement import WindowKey, WindowSummary
from app.domain.window import WindowStatus

AT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKED = Asked("", "", "", None, "reference")
SCENE = Scene(
    model=Model(1, "m", Settings(), None, 1, AT),
    query=WindowQuery(1, "v1", "", "default", None),
    asked=ASKED,
    versions=(),
    monitors=(Monitor("default", 1),),
    monitor=Monitor("default", 1),
    champion="v1",
)
DISABLED = replace(SCENE, monitor=Monitor("default", 1, enabled=False))
DELETED = replace(SCENE, deleted_at=AT)
QUIET = Told((), (), None, (), (), ())
WORSE = replace(SCENE, worst=Judged(AT, AT + HOUR, 9, "drift", monitor="quality"))


def window(
    state: str | None = "ok", hour: int = 0, *, warning: bool = False, drifted: Sequence[str] = ()
) -> WindowSummary:
    return WindowSummary(
        key=WindowKey(1, "v1", "", "default", AT + hour * HOUR),
        monitor="default",
        end=AT + (hour + 1) * HOUR,
        status=WindowStatus.CLOSED,
        revision=1,
        rows=9,
        state=state,
        warning=warning,
        page=False,
        reason=None,
        drifted=tuple(drifted),
        baseline=1,
        cause="closed",
        judged_at=AT,
    )


def alert(number: int) -> AlertSummary:
    about = ("firing", "evidence", AT, AT, (), AT, Severity.P2)
    return AlertSummary(number, "m", "v1", "", f"a{number}", *about)


@pytest.mark.parametrize(
    ("scene", "shown", "before", "badge", "is_then"),
    [
        (SCENE, window(), None, ("ok", "ok"), False),
        (SCENE, window("drift"), None, ("drift", "drift"), False),
        (SCENE, window(warning=True), None, ("warning", "warning"), False),
        (SCENE, window("insufficient_data"), None, ("unjudged", "not enough data"), False),
        (SCENE, window("error"), None, ("error", "error"), False),
        (SCENE, None, None, ("waiting", "not judged yet"), False),
        (SCENE, None, AT, ("plain", "no such window"), True),
        (SCENE, window("drift"), AT + HOUR, ("drift", "drift"), True),
        (SCENE, window("drift", -3), None, ("drift", "drift"), True),
        (replace(SCENE, asked=replace(ASKED, as_of=AT)), window(), None, ("ok", "ok"), True),
        (DISABLED, window("drift"), None, ("plain", "monitor disabled"), False),
        (DELETED, window("drift"), None, ("plain", "monitor deleted"), False),
    ],
)
def test_the_badge(
    scene: Scene,
    shown: WindowSummary | None,
    before: datetime | None,
    badge: tuple[str, str],
    is_then: bool,
) -> None:
    found = head_of(scene, [window()] if shown else [], shown, before)
    assert found == Head(*badge, is_then, None)


@pytest.mark.parametrize(
    ("shown", "before", "badge"),
    [
        (window("drift"), None, ("waiting", "drift")),
        (window(), None, ("waiting", "ok")),
        (window("drift", -3), None, ("drift", "")),
        (window("drift"), AT + HOUR, ("drift", "")),
        (None, None, ("waiting", "")),
    ],
)
def test_before_a_champion_was_judged_the_badge_is_its_own(
    shown: WindowSummary | None, before: datetime | None, badge: tuple[str, str]
) -> None:
    query = SCENE.query if shown else replace(SCENE.query, version="v2")
    renewed = replace(SCENE, champion="v2", query=query)
    found = head_of(renewed, [window()] if shown else [], shown, before)
    assert (found.kind, found.earlier) == badge


@pytest.mark.parametrize(
    ("scene", "shown", "told"),
    [
        (WORSE, window(), "quality"),
        (WORSE, window("drift"), None),
        (WORSE, None, "quality"),
        (replace(WORSE, asked=replace(ASKED, version="v0")), window(), None),
        (replace(WORSE, query=replace(SCENE.query, monitor="quality")), window(), None),
        (replace(WORSE, worst=Judged(AT, AT, 9, "ok", monitor="quality")), window("drift"), None),
    ],
)
def test_what_is_worse_elsewhere_is_told(
    scene: Scene, shown: WindowSummary | None, told: str | None
) -> None:
    elsewhere = head_of(scene, [], shown, None).elsewhere
    assert (elsewhere.monitor if elsewhere else None) == told


def lead(
    scene: Scene,
    shown: WindowSummary | None,
    told: Told = QUIET,
    before: datetime | None = None,
) -> str:
    judged = [shown] if shown else []
    values = {
        "scene": scene,
        "model": scene.model,
        "judged": judged,
        "chosen": {"before": before},
        "report": None,
        "kind": "waiting" if shown is None else kind_of(shown.state, shown.warning),
        "head": head_of(scene, judged, shown, before),
        "unjudged": (),
        "drifted": shown.drifted if shown else (),
        "told": told,
        "since": None,
        "words": WORDS,
        "link": Links(),
    }
    template = environment().from_string(
        '{% import "parts.html" as parts with context %}{% include "model/lead.html" %}'
    )
    return " ".join(re.sub(r"<[^>]+>", "", template.render(values)).split())


WINDOW = "the window of 1 Jan 2024 (1 hour), version v1."


@pytest.mark.parametrize(
    ("scene", "shown", "sentence"),
    [
        (SCENE, window(), f"Nothing is wrong in {WINDOW}"),
        (SCENE, window("drift", drifted="ab"), f"Drift in a and b, in {WINDOW}"),
        (SCENE, window(warning=True), f"Nothing is both sure and large in {WINDOW}"),
        (
            SCENE,
            window(drifted="a"),
            f"The rule of this monitor is not met, though a drifted, in {WINDOW}",
        ),
        (SCENE, window("error"), f"Not judged: {WINDOW}"),
        (SCENE, window("insufficient_data"), f"Not judged: {WINDOW}"),
        (SCENE, None, "No window of v1 was judged yet."),
        (
            DELETED,
            window(),
            (
                "Monitor default was deleted at 1 Jan 2024, 00:00; this is what it said until then."
                f" Nothing drifted in {WINDOW}"
            ),
        ),
        (
            DISABLED,
            window(),
            (
                "Monitor default is disabled and judges nothing new; this is what it said before. "
                f"Nothing drifted in {WINDOW}"
            ),
        ),
        (WORSE, window(), f"Nothing drifted in {WINDOW} Monitor quality says now: drift."),
        (
            replace(SCENE, monitors=(Monitor("a", 1), Monitor("default", 1))),
            window(),
            f"Nothing is wrong in {WINDOW[:-1]}, says monitor default.",
        ),
        (
            replace(SCENE, champion="v2"),
            window(),
            (
                "The champion v2 is new and has no judged window yet. "
                f"Before it: Nothing is wrong in {WINDOW}"
            ),
        ),
        (
            replace(SCENE, asked=replace(ASKED, as_of=AT)),
            None,
            "No window of v1 was judged yet at 1 Jan 2024.",
        ),
    ],
)
def test_the_sentence(scene: Scene, shown: WindowSummary | None, sentence: str) -> None:
    assert lead(scene, shown) == sentence


def test_the_sentence_before_all_history() -> None:
    told = lead(SCENE, None, before=AT)
    assert told == "No window of v1 that begins before 1 Jan 2024 was judged."


@pytest.mark.parametrize(
    ("alerts", "is_cut", "sentence"),
    [
        (1, False, "a0 fires (P2)."),
        (4, False, "a0 fires (P2). a1 fires (P2). a2 fires (P2). 1 more alert fires."),
        (
            100,
            True,
            "a0 fires (P2). a1 fires (P2). a2 fires (P2). At least 97 more alerts fire.",
        ),
    ],
)
def test_of_many_alerts_the_rest_is_a_number(alerts: int, is_cut: bool, sentence: str) -> None:
    told = replace(QUIET, alerts=[alert(n) for n in range(alerts)], is_cut=is_cut)
    assert lead(SCENE, window(), told) == f"Nothing drifted in {WINDOW} {sentence}"


def test_alerts_beside_a_window_of_then_are_said_to_be_of_now() -> None:
    told = replace(QUIET, alerts=[alert(n) for n in range(5)])
    then = replace(SCENE, asked=replace(ASKED, as_of=AT))
    assert lead(then, window(), told).endswith("Now a2 fires (P2). 2 more alerts fire now.")
