"""Every setting, read once from the environment; the only file that does."""

import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MEGABYTE = 1_000_000
DEFAULT_DATA_DIR = Path("leeway-data")
MINIMUM_KEY_LENGTH = 16
MOST_WORKERS = 64
READ_ELSEWHERE = frozenset({"LEEWAY_LISTEN_SECRET"})
ALIKE = 0.8
"""Of two names, the share of characters that agree, from which one may stand for the other."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Settings(BaseSettings):
    """Settings of the service, from environment variables ``LEEWAY_*``."""

    model_config = SettingsConfigDict(env_prefix="LEEWAY_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one."
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="postgresql://user:password@host/name or sqlite:///path; "
        "without it SQLite in the data folder.",
    )
    data_dir: Path = Field(default=DEFAULT_DATA_DIR, description="Folder of the embedded database.")
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated keys, at least 16 characters each; any of them opens.",
    )
    insecure_open: bool = Field(
        default=False,
        description="Serve a public address, or any Host name, without any key. Anybody may write.",
    )
    allow: str = Field(
        default="",
        description="Comma-separated networks, addresses, host names and folders that outgoing "
        "calls may reach although they are private.",
    )
    log_format: str = Field(
        default="auto",
        pattern="^(auto|json|text)$",
        description="auto: text on a terminal, else JSON.",
    )
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="Lowest."
    )
    root_path: str = Field(default="", description="Prefix under which a proxy serves Leeway.")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?$",
        description="Where people reach this service: messages to them then carry links to it.",
    )
    event_source: str = Field(
        default="/leeway",
        description="The ``source`` of outgoing CloudEvents: name this installation.",
    )
    body_limit: int = Field(default=32 * MEGABYTE, gt=0, description="Bytes of a batch body.")
    columnar_body_limit: int = Field(
        default=64 * MEGABYTE, gt=0, description="The same for Parquet."
    )
    inflated_limit: int = Field(
        default=64 * MEGABYTE, gt=0, description="Bytes after decompression."
    )
    columnar_inflated_limit: int = Field(
        default=256 * MEGABYTE, gt=0, description="The same for Parquet, its columns decoded."
    )
    baseline_body_limit: int = Field(
        default=256 * MEGABYTE, gt=0, description="Bytes of a baseline body."
    )
    columnar_baseline_limit: int = Field(
        default=1_000 * MEGABYTE,
        gt=0,
        description="The same for Parquet and Arrow, which lie in a temporary file meanwhile.",
    )
    baseline_inflated_limit: int = Field(
        default=1_000 * MEGABYTE, gt=0, description="Bytes of a baseline after decompression."
    )
    upload_dir: Path | None = Field(
        default=None,
        description="Folder for these files; where the system keeps temporary ones if not set.",
    )
    queue_limit: int = Field(
        default=256 * MEGABYTE,
        gt=0,
        description="Bytes of counted batches that may wait to be committed.",
    )
    decoding_limit: int = Field(
        default=1_000 * MEGABYTE,
        gt=0,
        description="Bytes that bodies may take while they are decoded and counted; others wait.",
    )
    head_timeout: float = Field(
        default=5.0, gt=0, description="Seconds in which the headers of a request must arrive."
    )
    request_timeout: float = Field(
        default=15.0,
        gt=0,
        description="Seconds in which a whole request must arrive; and of an answer that waits for "
        "its reader, some.",
    )
    upload_rate: int = Field(
        default=100_000,
        gt=0,
        description="Bytes a second that an upload of a baseline must keep instead.",
    )
    connections_per_address: int = Field(
        default=1_000,
        gt=0,
        description="Connections of one client address; behind a proxy all have the proxy's.",
    )
    receipt_days: int = Field(
        default=31,
        ge=1,
        description="Days for which receipts are kept, at least; a re-send is recognised.",
    )
    row_ids: int = Field(
        default=100_000_000,
        gt=0,
        description="Row ids remembered, about, over all models that count each row once.",
    )
    metrics_features: int = Field(
        default=2_000,
        ge=0,
        description="Features with series of their own in /metrics, the worst; others are counted.",
    )
    threads: int = Field(default=2, ge=1, description="Threads that decode and count.")
    workers: int = Field(
        default=1,
        ge=1,
        le=MOST_WORKERS,
        description="Processes that serve, on PostgreSQL: one computes on one core. "
        "They share queue_limit, decoding_limit and threads.",
    )

    @field_validator("api_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(key.strip() for key in value.split(",") if key.strip())
        return value

    @field_validator("api_keys")
    @classmethod
    def _long_enough(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < MINIMUM_KEY_LENGTH for key in keys):
            raise ValueError(f"an API key needs at least {MINIMUM_KEY_LENGTH} characters")
        return keys

    @property
    def url(self) -> str:
        """The database's URL; names the embedded one where none is set."""
        if self.database_url is not None and self.database_url.get_secret_value():
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'leeway.db').absolute()}"

    @property
    def receipts_kept(self) -> timedelta:
        return timedelta(days=self.receipt_days)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``; a name is believed only if it is localhost."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_names(settings: Settings) -> frozenset[str] | None:
    """Return the hosts by which the service may be called; None where keys guard it anyway."""
    if settings.api_keys or settings.insecure_open:
        return None
    return LOOPBACK_NAMES | {settings.host.lower()}


def refusal(settings: Settings) -> str | None:
    """Return why the service must not start like this, or None."""
    if settings.workers > 1 and settings.url.startswith("sqlite"):
        return (
            f"Refusing to serve SQLite with {settings.workers} processes: its file belongs to one. "
            "Set LEEWAY_DATABASE_URL to a PostgreSQL database, or serve with one."
        )
    if is_loopback(settings.host) or settings.api_keys or settings.insecure_open:
        return None
    return (
        f"Refusing to listen on {settings.host} without API keys: anybody who can reach it could "
        "read and write. Set LEEWAY_API_KEYS, listen on 127.0.0.1, or, if the network is closed "
        "and you accept that, set LEEWAY_INSECURE_OPEN=true."
    )


def shared(settings: Settings, processes: int) -> Settings:
    """Return the settings of one of several processes: what is bounded is bounded in all."""
    return settings.model_copy(
        update={
            "queue_limit": max(settings.queue_limit // processes, 1),
            "decoding_limit": max(settings.decoding_limit // processes, 1),
            "threads": max(settings.threads // processes, 1),
        }
    )


def misspelt(variables: Iterable[str]) -> list[tuple[str, str]]:
    """Return names that are nearly settings, each with the setting that was probably meant.

    What resembles none may well be a secret that a target refers to.
    """
    known = {name for name, _, _ in describe()} | READ_ELSEWHERE
    found = []
    for name in sorted(variables):
        if name.upper().startswith("LEEWAY") and name.upper() not in known:
            nearest = get_close_matches(name.upper(), known, 1, ALIKE)
            found += [(name, one) for one in nearest]
    return found


def environment() -> Mapping[str, str]:
    """Return the process environment, from which ``env:NAME`` secrets are read when used."""
    return os.environ


def describe() -> list[tuple[str, str, str]]:
    """Return (variable, default, meaning) of every setting, for ``leeway settings``."""
    rows = []
    for name, info in Settings.model_fields.items():
        default = "" if info.default in (None, ()) else str(info.default)
        rows.append((f"LEEWAY_{name.upper()}", default, info.description or ""))
    return rows
