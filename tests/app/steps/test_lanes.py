"""Small work does not queue behind large."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.steps.lanes import SMALL_BODY, Lanes, lane_for_body, lane_for_values


def test_small_work_is_done_while_all_large_lanes_are_busy() -> None:
    go_on = threading.Event()
    with Lanes(1) as lanes:
        large = lane_for_body(lanes, SMALL_BODY + 1).submit(go_on.wait)
        assert lane_for_body(lanes, SMALL_BODY).submit(int).result(10) == 0
        assert lane_for_values(lanes, 2).submit(int).result(10) == 0
        assert not large.done()
        go_on.set()
        assert large.result(10)


def test_large_tables_and_pools_without_lanes() -> None:
    with Lanes(1) as lanes:
        assert lane_for_values(lanes, 10_000_000) is lanes
    with ThreadPoolExecutor(1) as pool:
        assert lane_for_body(pool, 1) is pool
