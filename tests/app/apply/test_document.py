"""Files: what words mean, where things stand, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.apply.document import MOST_BYTES, read
from app.apply.order import Stop
from app.apply.writing import text_of


def plain(text: str) -> Any:
    return read(text.encode(), "f.yaml").plain()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("on", "on"),
        ("no", "no"),
        ("2013-03-04", "2013-03-04"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ('"null"', "null"),
        ("! 1", "1"),
        ("<<", "<<"),
    ],
)
def test_words_mean_what_the_core_schema_says(word: str, meant: object) -> None:
    found = plain(f"a: {word}\n")["a"]
    assert (found, type(found)) == (meant, type(meant))


def test_keys_are_text_whatever_they_look_like() -> None:
    assert plain("on: 1\n2013: 2\n2013-03-04: 3\nnull: 4\n") == {
        "on": 1,
        "2013": 2,
        "2013-03-04": 3,
        "null": 4,
    }


def test_values_know_the_lines_of_their_keys_and_pointers_lead_to_them() -> None:
    root = read(b"a:\n  b/c:\n    - 1\n    - x: 2\n", "f.yaml")
    assert root.at("/a/b~1c").line == 2
    assert root.at("/a/b~1c/1/x").line == 4
    assert root.at("/a/b~1c/9/nothing").line == 2
    assert root.at("").line == 1


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "key 'a' stands twice, first on line 1"),
        ('{"a": {"b": 1,\n "b": 2}}', 2, "stands twice"),
        ("a: &x [1]\nb: *x\n", 1, "anchors are not read"),
        ("b: *x\n", 1, "aliases are not read"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, "tags are not read"),
        ("a: !!str 1\n", 1, "tags are not read"),
        ("a: .inf\n", 1, "infinity and NaN"),
        ("a: 1e999\n", 1, "too large"),
        (f"a: {'9' * 19}\n", 1, "more than 18 digits"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key must be text"),
        ("[" * 5_000, 1, "nested too deeply"),
        ("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 60)), 25, "nested too deeply"),
        ("a: 1\n b: 2\n", 2, "not sound YAML"),
        ("a: [1\n", None, "not sound YAML"),
        ("a: 1\n---\nb: 2\n", None, "holds 2 documents"),
        ("", None, "holds 0 documents"),
        ("a: \x07\n", None, "not sound YAML"),
    ],
)
def test_what_could_be_misunderstood_or_harm_is_refused(
    text: str, line: int | None, said: str
) -> None:
    with pytest.raises(Stop) as caught:
        plain(text)
    assert said in str(caught.value)
    assert line is None or f"f.yaml, line {line}:" in str(caught.value)


def test_a_laughter_of_aliases_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(Stop, match="anchors are not read"):
        plain("\n".join(lines))


def test_size_and_encoding_are_bounded_before_anything_is_read() -> None:
    with pytest.raises(Stop, match="longer than 4 MiB"):
        read(b"a" * (MOST_BYTES + 1), "f.yaml")
    with pytest.raises(Stop, match="line 2: it is not UTF-8"):
        read(b"a: 1\nb: \xff\n", "f.yaml")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
WORDS = st.sampled_from(
    ["on", "1e3", "0o7", "-1", "~", "", " a", "#", "a: b", "2013-03-04", ".inf"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@example(document={"\x85": "\u2028", "a": "\xa0\n", "\t": "\r"})
@given(document=st.dictionaries(TEXTS | WORDS, VALUES, max_size=5))
def test_what_is_written_is_read_back_as_it_was(document: dict[str, Any]) -> None:
    assert plain(text_of(document)) == document


PRINTED = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=9)


@settings(deadline=None)
@given(document=st.dictionaries(PRINTED, st.lists(PRINTED | st.integers(0, 99)), max_size=5))
def test_json_is_read_as_well_also_indented_by_tabs(document: dict[str, Any]) -> None:
    assert plain(json.dumps(document, indent="\t", ensure_ascii=False)) == document
