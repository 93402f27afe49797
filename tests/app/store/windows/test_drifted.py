"""Lists of drifted features come in the order of the alert's message, everywhere."""

from dataclasses import replace

import numpy as np
import pytest

from app.domain.model import Model
from app.domain.monitors.criteria import USUAL_RULE, Rule
from app.domain.monitors.monitor import default_monitor
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts import judging
from app.domain.verdicts.judgement import Judgement
from app.store import SqlStore
from drift_core import Estimate, FeatureVerdict, State, WindowVerdict
from tests.app.store.made import HOUR, NINE, active, batch, declared, revision, waiting


@pytest.fixture
async def model(store: SqlStore) -> Model:
    return await declared(store)


def feature(effect: float, p_value: float, statistic: str = "psi") -> FeatureVerdict:
    found = Estimate(
        statistic, effect, None, None, 0.0, effect, p_value, 9, 9, np.array([effect]), "bins", None
    )
    return FeatureVerdict(
        State.DRIFT, False, True, None, p_value, p_value, (statistic,), {statistic: found}
    )


SURE = feature(0.3, 1e-40)
FAR = feature(0.9, 1e-10)
LOST = feature(0.5, 1e-90, "missing")


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (USUAL_RULE, ["far", "lost", "sure"]),
        (Rule(weights=(("far", 1.0), ("lost", 1.0), ("sure", 4.0))), ["sure", "far", "lost"]),
    ],
)
async def test_what_moved_by_most_comes_first(
    store: SqlStore, model: Model, rule: Rule, names: list[str]
) -> None:
    monitor = replace(default_monitor(HOUR), rule=rule)
    features = {"sure": SURE, "far": FAR, "lost": LOST}
    said = WindowVerdict(State.DRIFT, False, True, None, features)
    grids = await active(store, model)
    async with store.write() as unit:
        await unit.monitors.put(model, monitor)
        declared_now = await unit.monitors.get(model.id, monitor.name)
        assert declared_now is not None
        monitor = declared_now.monitor
        await unit.batches.commit([batch(model, grids)])
    async with store.write() as unit:
        (due,) = await waiting(unit)
        window = await unit.windows.claim(due.window.id)
        assert window is not None
        await unit.windows.save(
            window, await revision(unit, window, (Judgement(monitor, 1, said),))
        )
    async with store.read() as unit:
        report = await unit.views.window(WindowQuery(model.id, "default"), NINE)
        assert report is not None
        (line,) = await unit.views.windows(WindowQuery(model.id, "default"), None, 5)
        listed = await unit.views.drifted([report.summary.verdict or 0])
    assert list(judging.worst(said, rule)) == names
    assert list(report.summary.drifted) == list(line.drifted) == names
    assert list(report.comparisons[0].drifted) == names
    assert listed == {report.summary.verdict: names}
