"""Prefixes within each other: who reaches an object, under which key."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.sources.prefix import key_in, overlap, scope_of, spot_of
from app.domain.sources.source import Options, Scope, Source


def source(url: str, name: str = "logs", endpoint: str | None = None) -> Source:
    return Source(1, "m", name, url, Options(endpoint=endpoint), id=7)


@pytest.mark.parametrize(
    ("lister", "key", "other", "wanted"),
    [
        ("s3://b/logs", "logs/2024/a.csv", "s3://b/logs", "logs/2024/a.csv"),
        ("s3://b/logs", "logs/2024/a.csv", "s3://b/logs/2024/", "logs/2024/a.csv"),
        ("s3://b/logs/2024", "logs/2024/a.csv", "s3://b", "logs/2024/a.csv"),
        ("s3://b/logs", "logs/2024/a.csv", "s3://b/logs/20", None),
        ("s3://b/logs", "logs/a.csv", "s3://c/logs", None),
        ("s3://b/logs", "logs/a.csv", "gs://b/logs", None),
        ("s3://b", "l/dt=2024-02-29/a.csv", "s3://b/l/dt={date}/", "l/dt=2024-02-29/a.csv"),
        ("s3://b", "l/dt=today/a.csv", "s3://b/l/dt={date}/", None),
        ("s3://b", "l/2024/02/29/x/a.csv", "s3://b/l/{year}/{month}/{day}", "l/2024/02/29/x/a.csv"),
        ("s3://b", "l/2024/2/29/a.csv", "s3://b/l/{year}/{month}/{day}", None),
        ("s3://b", "l.1/a.csv", "s3://b/l.1", "l.1/a.csv"),
        ("s3://b", "l11/a.csv", "s3://b/l.1", None),
        ("file:///data", "logs/a.csv", "file:///data/logs", "a.csv"),
        ("file:///data/logs/", "a.csv", "file:///data", "logs/a.csv"),
        ("file:///data", "logs-2/a.csv", "file:///data/logs", None),
        ("file:///data", "a.csv", "s3://data", None),
        ("file:///data/logs", "a.csv", "file:///data//./logs/", "a.csv"),
        ("file:////data", "logs/a.csv", "file:///data/logs", "a.csv"),
        ("file:///", "data/a.csv", "file:///data", "a.csv"),
    ],
)
def test_an_object_lies_where_it_lies_whoever_lists_it(
    lister: str, key: str, other: str, wanted: str | None
) -> None:
    assert key_in(source(other), spot_of(source(lister), key)) == wanted


def test_another_endpoint_is_another_bucket() -> None:
    there = source("s3://b/logs", endpoint="https://s3.example.com")
    assert key_in(source("s3://b/logs"), spot_of(there, "logs/a.csv")) is None
    assert not overlap(there, source("s3://b/logs"))


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("s3://b", "s3://b/logs", True),
        ("s3://b/logs", "s3://b/logs/2024", True),
        ("s3://b/logs", "s3://b/logs-2", False),
        ("s3://b/logs/dt={date}/x", "s3://b/logs/dt=2024-01-01", True),
        ("s3://b/logs/dt={date}", "s3://b/other", False),
        ("s3://b/logs", "s3://c/logs", False),
        ("file:///data", "file:///data/", True),
        ("file:///data", "file:///data2", False),
        ("file:///data/x", "file:///data//x", True),
        ("file:///data/./x", "file:///data/x/y", True),
    ],
)
def test_prefixes_overlap_either_way(one: str, other: str, wanted: bool) -> None:
    assert overlap(source(one), source(other)) is wanted
    assert overlap(source(other), source(one)) is wanted


def test_a_link_is_the_folder_that_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    real, link = (source(f"file://{tmp_path}/{name}") for name in ("real", "link"))
    assert overlap(real, link, os.path.realpath)
    spot = spot_of(real, "x/a.csv", os.path.realpath)
    assert key_in(link, spot, os.path.realpath) == "x/a.csv"
    within = source(f"file://{tmp_path}/real/x")
    assert scope_of(link, within, os.path.realpath) == Scope(7, "x/")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://h:1", "http://h:1/"),
        ("https://S3.example.com", "https://s3.example.com:443/"),
        ("http://h/minio", "http://h:80/minio/"),
    ],
)
def test_an_endpoint_may_be_spelled_in_many_ways(one: str, other: str) -> None:
    here, there = source("s3://b/p", endpoint=one), source("s3://b", endpoint=other)
    assert overlap(here, there)
    assert key_in(there, spot_of(here, "p/a.csv")) == "p/a.csv"
    assert not overlap(here, source("s3://b", endpoint=other.replace("h", "g").replace("s3", "s4")))


@pytest.mark.parametrize(
    ("of", "within", "prefix"),
    [
        ("s3://b/logs", "s3://b/logs/2024/", "logs/2024/"),
        ("s3://b/logs/2024", "s3://b/logs", "logs/"),
        ("s3://b/logs", "s3://b", ""),
        ("s3://b", "s3://b/logs/dt={date}", "logs/"),
        ("file:///data", "file:///data/logs", "logs/"),
        ("file:///data/logs", "file:///data", ""),
        ("file:///data", "file:///data", ""),
    ],
)
def test_a_scope_is_what_lies_below_a_folder(of: str, within: str, prefix: str) -> None:
    own = replace(source(within, "backfill"), id=9)
    assert scope_of(source(of), own) == Scope(7, prefix)
