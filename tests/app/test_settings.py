"""Settings: what is refused, what is hidden, what is listed."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app.settings import Settings, describe, misspelt, own_names, refusal, shared

KEY = "a-key-of-sixteen-or-more"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_key(host: str) -> None:
    assert refusal(Settings(host=host)) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "leeway.example.com"])  # noqa: S104
def test_any_other_address_needs_a_key_or_an_honest_flag(host: str) -> None:
    assert "LEEWAY_API_KEYS" in (refusal(Settings(host=host)) or "")
    assert refusal(Settings(host=host, api_keys=KEY)) is None
    assert refusal(Settings(host=host, insecure_open=True)) is None


def test_a_host_that_only_looks_like_loopback_is_not() -> None:
    assert refusal(Settings(host="127.0.0.1.example.com")) is not None
    assert refusal(Settings(host="localhost.example.com")) is not None


def test_keys_are_split_and_long_and_never_shown() -> None:
    settings = Settings(api_keys=f"{KEY}-1, {KEY}-2,")
    assert [key.get_secret_value() for key in settings.api_keys] == [f"{KEY}-1", f"{KEY}-2"]
    assert KEY not in repr(settings)
    with pytest.raises(ValidationError):
        Settings(api_keys="short")


def test_the_password_in_the_database_url_is_never_shown() -> None:
    settings = Settings(database_url="postgresql://u:canary-password@h/d")
    assert "canary" not in repr(settings)
    assert settings.url == "postgresql://u:canary-password@h/d"


def test_the_embedded_database_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).url == f"sqlite:///{tmp_path}/leeway.db"


def test_every_setting_is_listed_with_its_meaning() -> None:
    rows = describe()
    assert len(rows) == len(Settings.model_fields)
    assert all(name.startswith("LEEWAY_") and meaning for name, _, meaning in rows)


def test_a_misspelt_setting_is_told_with_the_one_that_was_meant() -> None:
    given = ["LEEWAY_PROT", "leeway_api_keyz", "LEEWAY_DATABASE", "LEEWAY_LISTEN_SECRET", "PATH"]
    secrets = ["LEEWAY_WEBHOOK_SECRET", "LEEWAY_TOKEN_OF_ONCALL"]
    assert misspelt([*given, *secrets, "LEEWAY_PORT", "leeway_host"]) == [
        ("LEEWAY_DATABASE", "LEEWAY_DATABASE_URL"),
        ("LEEWAY_PROT", "LEEWAY_PORT"),
        ("leeway_api_keyz", "LEEWAY_API_KEYS"),
    ]


def test_an_open_service_answers_to_its_own_names_only() -> None:
    loopback = {"localhost", "127.0.0.1", "::1"}
    assert own_names(Settings()) == loopback
    assert own_names(Settings(host="127.8.8.8")) == loopback | {"127.8.8.8"}
    assert own_names(Settings(api_keys=KEY)) is None
    assert own_names(Settings(insecure_open=True)) is None


def test_several_processes_need_a_database_that_they_can_share() -> None:
    assert "PostgreSQL" in str(refusal(Settings(workers=2)))
    assert refusal(Settings(workers=2, database_url=SecretStr("postgresql://u:p@h/n"))) is None
    assert refusal(Settings(workers=1)) is None


def test_what_is_bounded_is_bounded_in_all_processes_together() -> None:
    whole = Settings(workers=4, queue_limit=100, decoding_limit=3, threads=2)
    part = shared(whole, 4)
    assert (part.queue_limit, part.decoding_limit, part.threads) == (25, 1, 1)
    assert part.body_limit == whole.body_limit
