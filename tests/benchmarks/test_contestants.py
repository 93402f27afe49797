"""What is timed side by side must do the same thing, and ours must find what drifted."""

from pathlib import Path

import pytest
from scipy import stats

from benchmarks import mixture
from benchmarks.contestants import CONTESTANTS, contestant
from benchmarks.contestants.psi import psi

PSIS = ("numpy PSI", "Polars PSI", "DuckDB PSI")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("mixture")
    mixture.write(place, 20_000, 20)
    return place


def verdict_of(name: str, folder: Path, form: str):
    loaded = contestant(name, folder, form)
    loaded.prepare()
    return loaded.verdict()


@pytest.mark.parametrize("form", ["plain", "coded"])
@pytest.mark.parametrize("name", ["Leeway", "Leeway, two threads"])
def test_we_find_the_columns_that_drifted_and_no_others(folder, name, form):
    found = verdict_of(name, folder, form)
    assert {column for column, state in found.items() if state == "drift"} == {
        feature.name for feature in mixture.features(20) if feature.drifted
    }


@pytest.mark.parametrize("form", ["plain", "coded"])
def test_three_ways_to_psi_agree(folder, form):
    first, *others = (verdict_of(name, folder, form) for name in PSIS)
    for other in others:
        assert other == pytest.approx(first, rel=1e-3, abs=1e-5)


def test_psi_of_counts_worked_by_hand():
    # shares 0.25 and 0.75 against 0.75 and 0.25: twice 0.5 ln 3
    found = psi({"a": 25_000, "b": 75_000}, {"a": 75_000, "b": 25_000})
    assert found == pytest.approx(1.0986, abs=1e-4)


def test_the_scipy_loop_tells_drifted_columns_from_others(folder):
    found = verdict_of("scipy loop", folder, "coded")
    for feature in mixture.features(20):
        assert (found[feature.name] < 1e-6) == feature.drifted


def test_texts_and_codes_are_one_table(folder):
    for name in CONTESTANTS:
        plain, coded = (verdict_of(name, folder, form) for form in ("plain", "coded"))
        assert plain == (coded if name.startswith("Leeway") else pytest.approx(coded))


def test_a_contestant_reads_missing_values_as_missing(folder):
    loaded = contestant("Leeway", folder, "plain")
    loaded.prepare()
    assert loaded.ref["n3"].cells[0] == pytest.approx(1_000, abs=150)


def test_an_undrifted_pair_is_uniform_in_its_p_value():
    # the mixture's own null: what is not moved comes from one law
    feature = mixture.Feature("n0", "normal", 0, drifted=False)
    rng = mixture.np.random.default_rng(0)
    p_values = [
        stats.ks_2samp(*(feature.draw(rng, 500, side) for side in mixture.SIDES)).pvalue
        for _ in range(200)
    ]
    assert 0.01 < sum(p < 0.05 for p in p_values) / 200 < 0.12
