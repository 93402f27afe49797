"""Policies: defaults as documented, and nonsense refused."""

import pytest

from drift_core import DriftCoreError, Policy, Thresholds


def test_defaults():
    policy = Policy()
    assert policy.level == 0.05
    assert policy.page_level is None
    assert policy.thresholds_of("psi") == Thresholds(0.1, 0.2)
    assert policy.thresholds_of("ks") == Thresholds(None, 0.1)
    assert policy.thresholds_of("anderson_darling") == Thresholds(None, None)
    assert policy.statistics == {
        "numeric": ("psi", "ks", "anderson_darling"),
        "categorical": ("psi", "chi2"),
    }
    assert list(policy.evidence_of("numeric")) == [
        "level", "anderson_darling", "values", "spread", "largest", "aside",
    ]  # fmt: skip
    assert policy.evidence_of("categorical") == {"values": 2.0, "aside": 1.0}


def test_a_statistic_without_thresholds_has_its_declared_ones():
    assert Policy(thresholds={"psi": (0.3, 0.4)}).thresholds_of("chi2") == Thresholds(None, 0.1)
    assert Policy(thresholds={"psi": (0.3, 0.4)}).thresholds_of("psi") == Thresholds(0.3, 0.4)


@pytest.mark.parametrize("nonsense", [{"level": 0.0}, {"page_level": 1.0}, {"gate_level": 2.0}])
def test_levels_are_rates(nonsense):
    with pytest.raises(DriftCoreError, match="between 0 and 1"):
        Policy(**nonsense)


def test_unknown_statistics_are_refused():
    with pytest.raises(DriftCoreError, match="unknown statistics"):
        Policy(statistics={"numeric": ("mystery",)})


def test_a_statistic_for_another_kind_is_refused():
    with pytest.raises(DriftCoreError, match="do not judge categorical"):
        Policy(statistics={"categorical": ("ks",)})


def test_a_kind_that_is_not_named_has_its_bins_for_evidence():
    assert Policy(evidence={}).evidence_of("numeric") == {"bins": 1.0}


def test_pieces_without_weights_count_alike():
    found = Policy(evidence={"numeric": ("bins", "ks")}).evidence_of("numeric")
    assert found == {"bins": 1.0, "ks": 1.0}


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_weights_are_above_zero(weight):
    with pytest.raises(DriftCoreError, match="above zero"):
        Policy(evidence={"numeric": {"bins": 1.0, "level": weight}})


@pytest.mark.parametrize(
    "nonsense",
    [
        {"numeric": ()},
        {"numeric": ("psi",)},
        {"categorical": ("ks",)},
        {"numeric": ("mystery",)},
        {"categorical": ("level",)},
    ],
)
def test_evidence_is_bins_or_what_brings_its_own(nonsense):
    # PSI's p-value is that of the bins: naming it would count one piece twice
    with pytest.raises(DriftCoreError, match="no evidence"):
        Policy(evidence=nonsense)
