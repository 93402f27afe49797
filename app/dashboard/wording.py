"""Sentences for people: lists of names, and why something could not be judged."""

from collections.abc import Sequence

from app.report.names import shown

NAMED = 3
LONGEST = 32

REASONS = {
    "few_rows": "too few rows",
    "small_reference": "the reference is too small",
    "no_reference_rows": "the reference has no rows",
    "no_baseline": "there is no reference",
    "grid": "its values lie where the reference had too few to compare them by",
    "damaged": "stored counts are damaged",
    "missing": "the column is missing",
}


def named(names: Sequence[str], most: int = NAMED) -> str:
    """Return names as people list them, the last ones as a number.

    Examples
    --------
    >>> named(["temp", "dewp"]), named(["a", "b", "c", "d", "e"])
    ('temp and dewp', 'a, b, c and 2 more')
    """
    cut = [shown(name, LONGEST) for name in names[:most]]
    more = len(names) - most
    if more > 0:
        return f"{', '.join(cut)} and {more} more"
    return " and ".join([*(", ".join(cut[:-1]),), cut[-1]]) if len(cut) > 1 else "".join(cut)


def against(comparison: str, baseline: int | None = None) -> str:
    """Return in words what a window is held against.

    Examples
    --------
    >>> against("reference", 2), against("previous"), against("trailing-1440m")
    ('the reference (baseline 2)', 'the window before it', 'the 24 hours before it')
    >>> against("same_hour-4w"), against("version"), against("version-3-beta")
    ('the same hours of the 4 weeks before', "the champion's rows", 'the rows of version 3-beta')
    """
    kind, _, more = comparison.partition("-")
    match kind:
        case "reference":
            return "the reference" + (f" (baseline {baseline})" if baseline is not None else "")
        case "previous":
            return "the window before it"
        case "trailing":
            return f"the {_length(more.removesuffix('m'))} before it"
        case "same_hour":
            return f"the same hours of the {more.removesuffix('w')} weeks before"
        case "version":
            return f"the rows of version {shown(more, LONGEST)}" if more else "the champion's rows"
    return shown(comparison.replace("_", " "), LONGEST)


def _length(minutes: str) -> str:
    whole = minutes.isdecimal() and int(minutes) % 60 == 0
    return f"{int(minutes) // 60} hours" if whole else f"{minutes} minutes"


def why(reason: str | None) -> str:
    """Return in words why something was not judged.

    Examples
    --------
    >>> why("3 of 3 features; a: few_rows: 4 rows, at least 9 are needed")
    '3 of 3 features; a: too few rows (4 rows, at least 9 are needed)'
    """
    many, told, first = (reason or "").partition("; ")
    if told and many.endswith((" features", " feature")):
        name, _, rest = first.partition(": ")
        return f"{many}; {shown(name, LONGEST)}: {why(rest)}"
    code, _, detail = (reason or "").partition(": ")
    known = REASONS.get(code, code.replace("_", " "))
    return f"{known} ({detail})" if detail else known or "it is not known why"
