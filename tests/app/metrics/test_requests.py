"""Requests: a histogram that adds up, and labels that no client can make more of."""

from hypothesis import given
from hypothesis import strategies as st

from app.metrics.exposition import OWN
from app.metrics.requests import BOUNDS, Own, Requests, tell
from app.metrics.text import joined
from tests.app.metrics.made import samples

ROUTE = "/v1/models/{model}/batches"


def told(requests: Requests) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return samples(joined([tell(Own.of(requests, {}), "0")], False, OWN).decode())


@given(st.lists(st.floats(0, 30), max_size=30))
def test_each_bucket_holds_what_took_at_most_its_bound(times: list[float]) -> None:
    requests = Requests()
    requests.observe(ROUTE, "POST", 200, 0.0)
    for number, seconds in enumerate(times):
        requests.observe(ROUTE, "POST", (200, 503)[number % 2], seconds)
    found, who = told(requests), {("route", ROUTE), ("method", "POST")}
    name = "leeway_http_request_duration_seconds"
    for bound in BOUNDS:
        bucket = found[name + "_bucket", frozenset(who | {("le", repr(bound))})]
        assert bucket == 1 + sum(seconds <= bound for seconds in times)
    every = found[name + "_bucket", frozenset(who | {("le", "+Inf")})]
    assert every == found[name + "_count", frozenset(who)] == 1 + len(times)
    answered = sum(
        value for (said, _), value in found.items() if said == "leeway_http_requests_total"
    )
    assert answered == every


def test_methods_that_clients_make_up_are_one() -> None:
    requests = Requests()
    for number in range(100):
        requests.observe("", f"M{number}", 404, 0.001)
    (labels,) = [labels for name, labels in told(requests) if name == "leeway_http_requests_total"]
    assert dict(labels)["method"] == "other"
    assert len(list(requests)) == 1
