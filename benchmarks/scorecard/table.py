"""The scorecard as Markdown: one section a question."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.scorecard.across_time import BUDGET
from benchmarks.scorecard.goals import Goal, goals, percent, steady, times, undisturbed
from benchmarks.scorecard.nulls import MISTAKE, TEXTBOOK
from benchmarks.scorecard.ours import EVIDENCE
from benchmarks.scorecard.power import best_rival
from benchmarks.scorecard.rates import Rate
from benchmarks.scorecard.results import Pages, PowerRow, QuarterRow, Scorecard

_SHOWN = 12
BEGIN, END = "<!-- scorecard: begin -->", "<!-- scorecard: end -->"


def markdown(card: Scorecard) -> str:
    """Write every section that has rows."""
    sections = (_goals, _nulls, _tails, _power, _windows, _public, _quarters, _changes, _real)
    return "\n".join(section(card) for section in sections)


def placed(page: str, table: str) -> str:
    """Put the table between the page's markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def _section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [f"| {' | '.join(row)} |" for row in rows]
    if not body:
        return ""
    rule = "|" + "---|" * len(head)
    return "\n".join((f"### {title}\n", f"| {' | '.join(head)} |", rule, *body, ""))


def _goals(card: Scorecard) -> str:
    found = goals(card)
    table = _section(
        "Goals",
        ("goal", "met", "cases that meet it"),
        ((goal.name, "yes" if goal.met else "**no**", _share(goal)) for goal in found),
    )
    return "\n".join((table, *_missed(found), *_not_promised(card)))


def _share(goal: Goal) -> str:
    return f"{goal.cases - len(goal.missed)} of {goal.cases}"


def _missed(found: Sequence[Goal]) -> Iterator[str]:
    for goal in found:
        if goal.missed:
            yield f"Not met, {goal.name}:\n"
            yield from (f"- {text}" for text in goal.missed[:_SHOWN])
            if len(goal.missed) > _SHOWN:
                yield f"- and {len(goal.missed) - _SHOWN} more, in the tables below"
            yield ""


def _not_promised(card: Scorecard) -> Iterator[str]:
    rows = [row for row in undisturbed(card.quarters) if not steady(row)]
    if rows:
        yield "No promise is made for other traffic. What the budget across time reached:\n"
    for row in rows:
        found = row.rules[BUDGET]
        yield (
            f"- {row.traffic}: {found.pages:.2f} pages a quarter, at most one in "
            f"{percent(found.within)} of quarters"
        )
    yield ""


def _columns(rows: Iterable[Iterable[str]]) -> list[str]:
    # every name once: pieces first, what they come to, then the mistakes
    names = dict.fromkeys(name for row in rows for name in row)
    last = [name for name in (EVIDENCE, MISTAKE, TEXTBOOK) if name in names]
    return [*sorted(set(names) - set(last)), *last]


def _nulls(card: Scorecard) -> str:
    names = _columns(row.rates for row in card.nulls)
    return _section(
        "False alarms of one column, % at a nominal 5 %",
        ("column", "n", "m", "least expected", *names),
        (
            (row.stream, f"{row.n:,}", f"{row.m:,}", f"{row.expected:.3g}",
             *(_rate(row.rates.get(name)) for name in names))
            for row in card.nulls
        ),
    )  # fmt: skip


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return ""
    low, high = rate.interval()
    return f"{rate.value * 100:.1f} ({low * 100:.1f}-{high * 100:.1f})"


def _tails(card: Scorecard) -> str:
    rows = [(row, name) for row in card.tails for name in row.rates]
    levels = list(rows[0][0].rates[rows[0][1]]) if rows else []
    return _section(
        "Far out: actual over nominal rate, with its interval",
        ("column", "n", "m", "p-value", *(f"{level:g}" for level in levels)),
        (
            (row.stream, f"{row.n:,}", f"{row.m:,}", name,
             *(times(row.rates[name][level], level) for level in levels))
            for row, name in rows
        ),
    )  # fmt: skip


def _power(card: Scorecard) -> str:
    names = _columns(row.ours for row in card.power)
    return _section(
        "Changes found in one window, % at 5 % / 0.1 %",
        ("column", "change", "n", "m", *names,
         "best rival at 5 %", "ahead by", "best rival at 0.1 %", "ahead by"),
        (
            (row.stream, row.change, f"{row.n:,}", f"{row.m:,}",
             *(_both(row.ours.get(name)) for name in names),
             *(text for at in (0, 1) for text in _against(row, at)))
            for row in card.power
        ),
    )  # fmt: skip


def _against(row: PowerRow, at: int) -> tuple[str, str]:
    name, rate = best_rival(row, at)
    gap = row.gaps[name][at]
    return (
        f"{name} {rate.value * 100:.1f}",
        f"{gap.value * 100:+.1f} ± {gap.error * 100:.1f}",
    )


def _both(rates: tuple[Rate, Rate] | None) -> str:
    return "" if rates is None else " / ".join(f"{rate.value * 100:.0f}" for rate in rates)


def _windows(card: Scorecard) -> str:
    rules = list(card.windows[0].rates) if card.windows else []
    heads = [_case(row.change, row.n, row.m) for row in card.windows]
    return _section(
        "Windows of twenty columns called drifted, %",
        ("rule", *heads),
        ((rule, *(_rate(row.rates[rule]) for row in card.windows)) for rule in rules),
    )


def _case(change: str, n: int, m: int) -> str:
    what = "no drift" if change == "none" else f"{change} in one"
    return f"{what}; {n:,}, {m:,}"


def _public(card: Scorecard) -> str:
    return _section(
        "From raw values through the public face, no drift, %",
        ("column", "n", "m", "p-value at 5 %", "verdict of drift"),
        (
            (row.stream, f"{row.n:,}", f"{row.m:,}", _rate(row.p_value), _rate(row.verdict))
            for row in card.public
        ),
    )


def _by_rule(
    title: str, rows: Sequence[QuarterRow], heads: Sequence[str], cell: Callable[[Pages], str]
) -> str:
    rules = dict.fromkeys(rule for row in rows for rule in row.rules)
    return _section(
        title,
        ("rule", *heads),
        ((rule, *(cell(row.rules[rule]) if rule in row.rules else "" for row in rows))
         for rule in rules),
    )  # fmt: skip


def _quarters(card: Scorecard) -> str:
    rows = undisturbed(card.quarters)
    return _by_rule(
        "Quarters without drift: pages; % of quarters with at most one; % of hours in alarm",
        rows,
        [row.traffic for row in rows],
        lambda found: (
            f"{found.pages:.2f}; {_rate(found.within)}; {found.hours * 100:.1f}"
        ),
    )  # fmt: skip


def _changes(card: Scorecard) -> str:
    rows = [row for row in card.quarters if row.change != "none"]
    kinds = dict.fromkeys(row.traffic for row in rows)
    return "\n".join(_found(kind, [row for row in rows if row.traffic == kind]) for kind in kinds)


def _found(traffic: str, rows: Sequence[QuarterRow]) -> str:
    return _by_rule(
        f"A change in one feature, {traffic}: median hours to the first alarm (% found)",
        rows,
        [row.change for row in rows],
        _delay,
    )


def _delay(found: Pages) -> str:
    share = 0.0 if found.found is None else found.found.value
    return "never" if found.delay is None else f"{found.delay:.0f} ({share * 100:.0f})"


def _real(card: Scorecard) -> str:
    rules = list(card.real[0].before) if card.real else []
    heads = [f"{row.data}: {when}" for row in card.real
             for when in ("before", "after") if when == "before" or row.after]  # fmt: skip
    return _section(
        "Real windows called drifted, before and after the change that is known",
        ("rule", *heads),
        ((rule, *(f"{one[rule].hits} of {one[rule].trials}" for row in card.real
                  for one in (row.before, row.after) if one)) for rule in rules),
    )  # fmt: skip
