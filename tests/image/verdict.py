"""What a user does with a container: a model, a reference, a week of rows, and the verdict."""

import random
import time

import httpx

MODEL = "container"
ORIGIN = 1_767_225_600  # 2026-01-01T00:00:00Z
WINDOW = 3_600
ROWS = 2_000


def _rows(start: int, shift: float, seed: int) -> list[dict[str, object]]:
    draw = random.Random(seed)
    return [
        {
            "t": start + index * WINDOW // ROWS,
            "amount": draw.gauss(shift, 1.0),
            "country": draw.choice("ABC"),
        }
        for index in range(ROWS)
    ]


def judged(url: str, key: str, patience: float = 60.0) -> dict[str, object]:
    """Send a calm hour, a drifted one, and what closes it; return the drifted hour's report."""
    features = [
        {"name": "t", "kind": "ignored", "role": "timestamp", "time_unit": "s"},
        {"name": "amount", "kind": "numeric"},
        {"name": "country", "kind": "categorical"},
    ]
    model = f"/v1/models/{MODEL}"
    with httpx.Client(base_url=url, timeout=30, headers={"Authorization": f"Bearer {key}"}) as http:
        declared = {"schema": {"features": features}, "window": "1h", "lateness": "15m"}
        http.put(model, json=declared).raise_for_status()
        http.post(f"{model}/baselines", json=_rows(ORIGIN - WINDOW, 0.0, 1)).raise_for_status()
        for hour, shift in enumerate((0.0, 1.0, 0.0, 0.0)):
            batch = _rows(ORIGIN + hour * WINDOW, shift, 2 + hour)
            http.post(f"{model}/batches", json=batch).raise_for_status()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            answer = http.get(f"{model}/windows/2026-01-01T01:00:00Z")
            if answer.status_code == 200 and answer.json().get("verdict"):
                return dict(answer.json())
            time.sleep(0.2)
    raise AssertionError("the container gave no verdict in time")
