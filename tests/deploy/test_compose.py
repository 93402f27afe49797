"""compose.yaml: what it mounts is there, and what it uses is declared."""

from typing import Any

import yaml

from tests.deploy.tools import DEPLOY

ROOT = DEPLOY.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
GRAFANA = COMPOSE["services"]["grafana"]
ENVIRONMENT = (ROOT / ".env.example").read_text()


def mounted() -> list[tuple[str, str]]:
    return [
        (volume.split(":")[0], volume.split(":")[1])
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", ())
    ]


def test_what_is_mounted_is_there() -> None:
    for source, _ in mounted():
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
        else:
            assert source in COMPOSE["volumes"], source


def test_what_prometheus_loads_lies_beside_its_configuration() -> None:
    said = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    assert all((DEPLOY / "prometheus" / name).exists() for name in said["rule_files"])
    (scraped,) = said["scrape_configs"]
    targets = scraped["static_configs"][0]["targets"]
    asked = said["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    hosts = {target.split(":")[0] for target in [*targets, *asked]}
    assert hosts <= COMPOSE["services"].keys()


def test_grafana_finds_the_dashboards_where_they_are_mounted() -> None:
    provider = DEPLOY / "grafana" / "provisioning" / "dashboards" / "leeway.yml"
    (said,) = yaml.safe_load(provider.read_text())["providers"]
    assert said["options"]["path"] in {target for _, target in mounted()}


def test_grafana_reads_what_is_mounted_for_it() -> None:
    """From the folders of these names, below the one that its image is built to look in."""
    mounts = dict(volume.split(":")[:2] for volume in GRAFANA["volumes"])
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    folder = DEPLOY / "grafana" / "provisioning"
    assert {path.name for path in folder.iterdir()} == {"dashboards", "datasources"}
    (source,) = yaml.safe_load((folder / "datasources" / "leeway.yml").read_text())["datasources"]
    assert source["url"].split("//")[1].split(":")[0] in COMPOSE["services"]


def test_every_variable_and_secret_is_explained_in_the_example() -> None:
    for secret in COMPOSE["secrets"].values():
        assert f"{secret['environment']}=" in ENVIRONMENT
    assert "GRAFANA_PASSWORD=" in ENVIRONMENT
