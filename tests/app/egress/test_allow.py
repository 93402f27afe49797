"""The allow-list: what it reads, what it opens, what it never opens."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from app.egress import Allow, classify, parse_allow


def opened(text: str, address: str, host: str = "", port: int = 443) -> bool:
    return classify(ip_address(address), parse_allow(text), host=host, port=port) is None


@pytest.mark.parametrize(
    ("text", "address", "host", "port", "passes"),
    [
        ("", "10.1.2.3", "", 443, False),
        ("", "8.8.8.8", "", 443, True),
        ("10.0.0.0/8", "10.1.2.3", "", 443, True),
        ("10.0.0.0/8", "11.1.2.3", "", 443, True),
        ("10.0.0.0/8", "192.168.0.1", "", 443, False),
        ("10.1.2.3", "10.1.2.3", "", 443, True),
        ("10.1.2.3", "10.1.2.4", "", 443, False),
        ("10.1.2.3:8080", "10.1.2.3", "", 8080, True),
        ("10.1.2.3:8080", "10.1.2.3", "", 443, False),
        ("::1", "::1", "", 80, True),
        ("[::1]:8080", "::1", "", 8080, True),
        ("[::1]:8080", "::1", "", 80, False),
        ("fd00::/8", "fd12::1", "", 80, True),
        ("127.0.0.1", "::ffff:127.0.0.1", "", 80, False),
        ("airflow.internal", "10.9.9.9", "airflow.internal", 80, True),
        ("Airflow.Internal.", "10.9.9.9", "AIRFLOW.internal", 80, True),
        ("airflow.internal", "10.9.9.9", "airflow.internal.", 80, True),
        ("airflow.internal", "10.9.9.9", "evil-airflow.internal", 80, False),
        ("airflow.internal:8080", "10.9.9.9", "airflow.internal", 8080, True),
        ("airflow.internal:8080", "10.9.9.9", "airflow.internal", 22, False),
        ("localhost", "127.0.0.1", "localhost", 80, True),
        ("airflow.internal", "169.254.169.254", "airflow.internal", 80, False),
        ("airflow.internal", "0.0.0.0", "airflow.internal", 80, False),  # noqa: S104
        ("airflow.internal", "224.0.0.1", "airflow.internal", 80, False),
        ("169.254.169.254", "169.254.169.254", "airflow.internal", 80, True),
        (" , 10.0.0.0/8 ,, localhost ", "10.1.1.1", "", 80, True),
    ],
)
def test_what_is_open(text: str, address: str, host: str, port: int, passes: bool) -> None:
    assert opened(text, address, host, port) is passes


@pytest.mark.parametrize(
    "entry",
    [
        "10.0.0.1/8",
        "10.0.0.0/33",
        "300.1.1.1",
        "10.1.2",
        "10.0.0.0/8:80",
        "http://airflow",
        "airflow:0",
        "airflow:99999",
        "air flow",
        "-airflow",
        "*.internal",
        "data/in",
        "[::1",
        "::zz",
        "é.example",
    ],
)
def test_nonsense_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="allow-list: ") as raised:
        parse_allow(f"10.0.0.0/8,{entry}")
    assert repr(entry) in str(raised.value)


def test_nothing_allows_nothing() -> None:
    assert parse_allow("") == parse_allow(" , ") == Allow()


def test_folders(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    allow = parse_allow(f"{inside},10.0.0.0/8")
    assert allow.permits_folder(inside)
    assert allow.permits_folder(inside / "deep" / "file.parquet")
    assert not allow.permits_folder(outside / "file.parquet")
    assert not allow.permits_folder(inside / ".." / "out" / "file.parquet")
    assert not allow.permits_folder(inside / "link" / "file.parquet")
    assert not allow.permits_folder(tmp_path / "in-other")
