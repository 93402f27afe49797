"""From a declared source to a store of obstore's, with credentials read when they are used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store

from app.domain.sources.source import Source, Trouble
from app.sources.objects.places import Place, place_of
from app.sources.objects.troubles import told

CLIENT: Mapping[str, Any] = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=8),
    "timeout": timedelta(minutes=2),
}
RETRIES: Mapping[str, Any] = {"max_retries": 2, "retry_timeout": timedelta(seconds=8)}
"""The schedule of tries is ours; and a thread that waits here holds up the end of the process."""
REGION = "us-east-1"
METADATA = "169.254.169.254,169.254.170.2,fd00:ec2::254"


@dataclass(frozen=True, slots=True)
class Opener:
    """Makes stores; ``environment`` is where ``env:NAME`` references lead."""

    environment: Mapping[str, str]
    proxy: str
    """Of the guarded forwarder, through which endpoints of users' own are reached."""

    def open(self, source: Source) -> ObjectStore:
        """Return the store of a source's bucket or folder.

        Raises
        ------
        Trouble
            A reference leads to nothing, or the store refuses its configuration.
        """
        place = place_of(source.url)
        with told("no-bucket"):
            if place.scheme == "file":
                return LocalStore(place.bucket)
            return self._remote(source, place)

    def _remote(self, source: Source, place: Place) -> ObjectStore:
        options = source.options
        config: dict[str, Any] = {
            name: self._secret(reference) for name, reference in options.credentials.items()
        }
        if options.anonymous:
            config["skip_signature"] = True
        made: dict[str, Any] = {
            "config": config,
            "client_options": _client(options.endpoint, self.proxy),
            "retry_config": dict(RETRIES),
        }
        if place.scheme == "s3":
            if options.endpoint:
                config["endpoint"] = options.endpoint
            if options.region or options.endpoint:
                config["region"] = options.region or REGION
            return S3Store(place.bucket, **made)
        if place.scheme == "gs":
            if options.endpoint:
                config["base_url"] = options.endpoint
            return GCSStore(place.bucket, **made)
        if options.endpoint:
            config["endpoint"] = options.endpoint
        return AzureStore(place.bucket, **made)

    def _secret(self, reference: str) -> str:
        value = self.environment.get(reference.removeprefix("env:"), "").strip()
        if not value:
            raise Trouble("no-secret", f"there is no secret at {reference}", passing=True)
        return value


def _client(endpoint: str | None, proxy: str) -> dict[str, Any]:
    if endpoint is None:
        return dict(CLIENT)
    guarded = {**CLIENT, "proxy_url": proxy}
    if endpoint.startswith("http://"):
        return {**guarded, "allow_http": True}
    # the role of an instance is asked for there; whoever answers cannot send a client that
    # speaks https alone there
    return {**guarded, "proxy_excludes": METADATA}
