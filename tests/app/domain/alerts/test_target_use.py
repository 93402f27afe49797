"""Why a target cannot be deleted, in words."""

from app.domain.alerts.target_use import MOST_TOLD, TargetUse


def test_nobody_keeps_a_target_that_nobody_names() -> None:
    assert not TargetUse()
    assert TargetUse(policies=("m",))


def test_all_are_named_that_keep_it_and_the_ways_out() -> None:
    said = TargetUse(("m/default", "n/inputs"), ("m",)).keeps("pager")
    assert said.startswith(
        "monitor m/default, monitor n/inputs and the retraining policy of m name target 'pager': "
    )
    assert said.endswith("or switch the target off with `enabled: false`")


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    many = tuple(f"m{number:02}/default" for number in range(MOST_TOLD + 3))
    said = TargetUse(many).keeps("pager")
    assert f"monitor {many[MOST_TOLD - 1]} and 3 more name target" in said
    assert many[MOST_TOLD] not in said
