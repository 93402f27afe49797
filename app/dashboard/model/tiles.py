"""The five tiles at the top of a model's page, each an answer in a few words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.dashboard.figures import NONE, effect, plural, whole
from app.dashboard.states import NOT_JUDGED, WORDS, kind_of
from app.dashboard.wording import named, why
from app.domain.model import Model, Role
from app.domain.monitors.criteria import USUAL_RULE, Rule
from app.domain.outputs.figure import told
from app.domain.retrainings.retraining import BROKEN, Retraining
from app.domain.telling.reports import StoredVerdict, TallySum, WindowReport
from app.domain.telling.sentences import BATCHES, bins_alone, statistic
from app.domain.verdicts.ranking import moved

OUTPUTS = frozenset({Role.PREDICTION, Role.SCORE})
NOBODY: Mapping[str, Sequence[StoredVerdict]] = {}


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: a title, what is large, what stands small beside and below it."""

    title: str
    kind: str
    big: str
    beside: str = ""
    under: str = ""


def tiles(
    model: Model,
    report: WindowReport | None,
    received: TallySum | None,
    run: Retraining | None,
    *,
    rule: Rule = USUAL_RULE,
    is_champion: bool = True,
    others: Mapping[str, Sequence[StoredVerdict]] = NOBODY,
) -> tuple[Tile, ...]:
    """Return the tiles of a model; ``report`` is the window that is shown, by ``rule``.

    ``is_champion`` says whether its version may have alerts; ``others`` are what other monitors
    say of features in that window.
    """
    return (
        _verdict(report, rule, is_champion=is_champion),
        _drifted(report, rule),
        _outputs(model, report, others),
        _rows(report, received),
        _retraining(run),
    )


def kind_of_report(report: WindowReport | None) -> str:
    """Return how a window stands."""
    if report is None:
        return "waiting"
    return kind_of(report.summary.state, report.summary.warning)


def _verdict(report: WindowReport | None, rule: Rule, *, is_champion: bool) -> Tile:
    kind = kind_of_report(report)
    if report is None or kind == "waiting":
        return Tile("Verdict", kind, NONE, under="no window has closed yet")
    if kind in ("unjudged", "error"):
        return Tile("Verdict", kind, WORDS[kind], under=why(report.summary.reason))
    worst = next(iter(worst_first(report.features, rule)), None)
    without = sum(kind_of(one.state, one.warning) in NOT_JUDGED for one in report.features)
    calm = "nothing is sure and large at once"
    if without:
        calm = f"{plural(without, 'feature')} not judged"
    under = rules(worst) if worst and kind == "drift" else calm
    enough = "enough for an alert" if is_champion else "no alert: not the champion"
    paging = f"; {enough}" if report.summary.page else ""
    return Tile("Verdict", kind, WORDS[kind], under=under + paging)


def rules(verdict: StoredVerdict) -> str:
    """Return in words which rules a feature broke."""
    known = [statistic(one) for one in verdict.rules if ":" not in one and one not in BATCHES]
    parts = [f"{' and '.join(known)} beyond the threshold"] if known else []
    if single := sum(":" in rule for rule in verdict.rules):
        parts.append(bins_alone(single))
    parts += [words for rule, words in BATCHES.items() if rule in verdict.rules]
    return "; ".join(parts) or "by evidence"


def _drifted(report: WindowReport | None, rule: Rule) -> Tile:
    if report is None or not report.features:
        return Tile("Drifted features", "", NONE, under="none were judged")
    kinds = [kind_of(one.state, one.warning) for one in report.features]
    ranked = worst_first(report.features, rule)
    drifted = [one.feature for one in ranked if one.state == "drift"]
    warned, failed = kinds.count("warning"), kinds.count("error")
    without = kinds.count("unjudged") + kinds.count("waiting")
    parts = [named(drifted)] if drifted else []
    parts += [f"{warned} with a warning"] if warned and not drifted else []
    parts += [f"{without} not judged"] if without else []
    parts += [f"{failed} with an error"] if failed else []
    kind = "drift" if drifted else "error" if failed else "warning" if warned else ""
    count = NONE if without + failed == len(kinds) else str(len(drifted))
    under = ", ".join(parts) or "all calm"
    return Tile("Drifted features", kind, count, f"of {len(kinds)}", under)


def _outputs(
    model: Model, report: WindowReport | None, others: Mapping[str, Sequence[StoredVerdict]]
) -> Tile:
    """Return how the outputs stand, as the monitor says that says the worst of them."""
    features = report.features if report else ()
    said = [("", one) for one in _of_outputs(model, features)]
    said += [(name, one) for name in sorted(others) for one in _of_outputs(model, others[name])]
    if not said:
        return Tile("Prediction drift", "", NONE, under="no prediction or score is watched")
    monitor, worst = max(
        said, key=lambda it: (it[1].state == "drift", it[1].warning, effect_of(it[1]) or 0.0)
    )
    kind = kind_of(worst.state, worst.warning)
    shown = "" if kind == "ok" else kind
    value = None if kind in NOT_JUDGED else effect_of(worst)
    beside = "" if value is None else f"PSI {effect(value)}"
    name = named([worst.feature])
    under = f"{name}: {why(worst.reason)}" if worst.reason and kind in NOT_JUDGED else name
    under += f", says monitor {monitor}" if monitor else ""
    return Tile("Prediction drift", shown, WORDS[kind], beside, under)


def _of_outputs(model: Model, features: Sequence[StoredVerdict]) -> list[StoredVerdict]:
    """Return what is said of predictions, scores and their figures."""
    schema = model.schema.by_name() if model.schema else {}
    return [
        one
        for one in features
        if told(one.feature) or (one.feature in schema and schema[one.feature].role in OUTPUTS)
    ]


def effect_of(verdict: StoredVerdict, statistic: str = "psi") -> float | None:
    """Return the effect of one statistic of a feature."""
    return next((one.effect for one in verdict.estimates if one.statistic == statistic), None)


def largest(verdict: StoredVerdict) -> float:
    """Return by how much a feature moved: its PSI, or the largest effect of what was asked."""
    return moved({one.statistic: one.effect for one in verdict.estimates})


def _rows(report: WindowReport | None, received: TallySum | None) -> Tile:
    rows = None if report is None else report.summary.rows
    missing = None if report is None else report.summary.missing
    parts = [] if not missing else [f"{whole(missing)} missing"]
    if received is not None:
        parts += [
            f"{whole(getattr(received, name))} {name}"
            for name in ("late", "rejected", "duplicate")
            if getattr(received, name)
        ]
    under = "in all: " + ", ".join(parts) if parts else "none late, rejected or duplicate"
    return Tile("Rows in window", "warning" if missing else "", whole(rows), under=under)


def _retraining(run: Retraining | None) -> Tile:
    if run is None:
        return Tile("Retraining", "", "none", under="never asked for")
    kind = "warning" if run.state in BROKEN else ""
    made = f"made {run.challenger}" if run.challenger else f"asked of {run.target}"
    return Tile("Retraining", kind, run.state.value.replace("_", " "), under=made)


def worst_first(features: Sequence[StoredVerdict], rule: Rule = USUAL_RULE) -> list[StoredVerdict]:
    """Return the features of a window, those that drifted most first.

    A rule that knows how important features are counts by that how far each moved, as it does in
    the alert's message.
    """
    order = ("drift", "error", "warning", "unjudged", "ok", "waiting")

    def need(one: StoredVerdict) -> tuple[int, float, str]:
        by = rule.weight(one.feature) * largest(one)
        return order.index(kind_of(one.state, one.warning)), -by, one.feature

    return sorted(features, key=need)
