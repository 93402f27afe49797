"""Panels as all dashboards have them: titles, units, thresholds and links are not optional."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import common as shared
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
GOOD, WATCH, BAD, IDLE, PLAIN = "green", "yellow", "red", "blue", "text"
NOTHING_YET = '0 * max(up{job="leeway"} == 1)'
"""Nought of what has no series yet; nothing where no Leeway answers, which is not nought."""
LEEWAY = "${leeway}"
"""Where Leeway's own pages are; a variable of every dashboard."""

AnyPanel: TypeAlias = stat.Panel | table.Panel | timeseries.Panel | statetimeline.Panel
P = TypeVar("P", stat.Panel, table.Panel, timeseries.Panel, statetimeline.Panel)
Steps: TypeAlias = Sequence[tuple[float, str]]


def number(
    title: str, expr: str, unit: str, steps: Steps = (), *, about: str, legend: str = ""
) -> stat.Panel:
    """Return a few large numbers."""
    panel = stat.Panel().with_target(_query(expr, "A", legend, instant=True))
    panel = panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    panel = panel.no_value("unknown")
    return _framed(panel, title, unit, steps, about).height(4)


def lines(
    title: str,
    exprs: Mapping[str, str],
    unit: str,
    steps: Steps = (),
    *,
    about: str,
    exemplars: bool = False,
) -> timeseries.Panel:
    """Return lines over time, by the legends of their expressions."""
    panel = timeseries.Panel().fill_opacity(8).line_width(1)
    for place, (legend, expr) in enumerate(exprs.items()):
        query = _query(expr, chr(ord("A") + place), legend)
        panel = panel.with_target(query.exemplar(exemplars))
    panel = panel.legend(_legend())
    if steps:
        style = common.GraphThresholdsStyleConfig().mode(shared.GraphTresholdsStyleMode.LINE)
        panel = panel.thresholds_style(style)
    return _framed(panel, title, unit, steps, about).height(8)


def bands(
    title: str, expr: str, legend: str, names: Mapping[int, tuple[str, str]], *, about: str
) -> statetimeline.Panel:
    """Return states over time, one band each; ``names`` says what a number means."""
    panel = statetimeline.Panel().with_target(_query(expr, "A", legend))
    panel = panel.show_value(shared.VisibilityMode.NEVER).merge_values(True).row_height(0.8)
    panel = panel.legend(_legend())
    said = {
        str(value): model.ValueMappingResult(text=text, color=color)
        for value, (text, color) in names.items()
    }
    panel = panel.mappings([model.ValueMap(options=said)])
    steps = [(float(value), color) for value, (_, color) in sorted(names.items())]
    return _framed(panel, title, "short", steps, about).height(8)


def rows(
    title: str,
    exprs: Mapping[str, str],
    shown: Sequence[str],
    units: Mapping[str, str],
    *,
    about: str,
) -> table.Panel:
    """Return a table: a column for each label of ``shown``, then one for each expression."""
    panel = table.Panel().show_header(True)
    names = {f"Value #{chr(ord('A') + place)}": name for place, name in enumerate(exprs)}
    for place, expr in enumerate(exprs.values()):
        panel = panel.with_target(
            _query(expr, chr(ord("A") + place), "", instant=True, as_table=True)
        )
    order = {name: place for place, name in enumerate([*shown, *names])}
    sorting = {"indexByName": order, "renameByName": names, "excludeByName": {"Time": True}}
    panel = panel.transformations(
        [
            model.DataTransformerConfig(id_val="merge", options={}),
            model.DataTransformerConfig(id_val="organize", options=sorting),
        ]
    )
    for name, unit in units.items():
        panel = panel.override_by_name(name, [model.DynamicConfigValue(id_val="unit", value=unit)])
    return _framed(panel, title, "short", (), about).height(9)


def linked(panel: P, title: str, url: str) -> P:
    """Return the panel with a link on each of its values."""
    return panel.data_links([dashboard.DashboardLink(title).url(url).target_blank(True)])


def _query(
    expr: str, ref: str, legend: str, *, instant: bool = False, as_table: bool = False
) -> Dataquery:
    query = Dataquery().expr(expr).ref_id(ref).datasource(SOURCE)
    if legend:
        query = query.legend_format(legend)
    if as_table:
        query = query.format(PromQueryFormat.TABLE)
    return query.instant() if instant else query.range()


def _legend() -> common.VizLegendOptions:
    legend = common.VizLegendOptions().display_mode(shared.LegendDisplayMode.LIST)
    return legend.placement(shared.LegendPlacement.BOTTOM).show_legend(True)


def _framed(panel: P, title: str, unit: str, steps: Steps, about: str) -> P:
    """Return the panel with what every one has."""
    levels = [model.Threshold(value=None, color=steps[0][1] if steps else PLAIN)]
    levels += [model.Threshold(value=value, color=color) for value, color in steps[1:]]
    thresholds = dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(levels)
    panel = panel.title(title).description(about).unit(unit).thresholds(thresholds)
    return panel.datasource(SOURCE)
