"""Sources and their objects on the wire."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StrictStr

from app.api.schemas.base import NAME_PATTERN, Answer, Declared, Duration, Time
from app.domain.errors import Fault
from app.domain.sources.source import AUTO, POLL, REMEMBER, ObjectState, Options, Source
from app.ports.sources import SourceState, StoredObject

EXAMPLE: dict[str, Any] = {
    "url": "s3://prediction-logs/flights/dt={date}/",
    "days": 3,
    "region": "eu-central-1",
    "columns": {"ts": "timestamp"},
    "poll": "1m",
}
Text = Annotated[StrictStr, Field(max_length=1_024)]


class SourceDeclaration(Declared):
    """Where objects lie and how they are read; the whole of it, since PUT replaces."""

    url: StrictStr = Field(
        max_length=2_048,
        description="``s3://bucket/prefix``, ``gs://``, ``az://`` or ``file:///folder``. The "
        "prefix is a folder, and may have places for a date: ``{date}``, or ``{year}``, "
        "``{month}`` and ``{day}``.",
    )
    format: StrictStr = Field(
        AUTO, max_length=64, description="Format of the objects; ``auto`` goes by their names."
    )
    columns: dict[str, Text] = Field(
        default_factory=dict,
        max_length=2_000,
        description="What the model calls a column, by the name it has in the objects.",
    )
    inputs: list[Text] = Field(
        default_factory=list,
        max_length=2_000,
        description="Names of inputs that a log of another tool knows by position only, in order.",
    )
    outputs: list[Text] = Field(
        default_factory=list, max_length=100, description="The same of its outputs."
    )
    version: Annotated[str, Field(pattern=NAME_PATTERN)] | None = Field(
        None, description="Version that made the rows; the champion when not given."
    )
    poll: Duration = Field(
        POLL,
        description="How often the prefix is listed; ``1s`` at the least.",
        json_schema_extra={"default": "1m"},
    )
    days: StrictInt | None = Field(
        None,
        ge=1,
        le=3_660,
        description="Days back from today that are listed, where the URL has a place for a date.",
    )
    remember: Duration = Field(
        REMEMBER,
        description="Counted objects are forgotten so long after they were last modified; from "
        "then on objects last modified before the ``floor`` are not taken any more.",
        json_schema_extra={"default": "90d"},
    )
    endpoint: Text | None = Field(None, description="URL of a store that is not the vendor's.")
    region: Text | None = Field(None, description="Region of an S3 bucket.")
    anonymous: StrictBool = Field(default=False, description="Read without credentials.")
    credentials: dict[str, Text] = Field(
        default_factory=dict,
        max_length=8,
        description="References (``env:NAME``) by name; without them the usual chain of the store "
        "serves: environment of the service, then the role of the instance.",
    )
    enabled: StrictBool = True

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    def source(self, model: tuple[int, str], name: str) -> Source:
        return Source(
            model_id=model[0],
            model=model[1],
            name=name,
            url=self.url,
            options=Options(self.endpoint, self.region, self.anonymous, self.credentials),
            format=self.format,
            columns=self.columns,
            inputs=tuple(self.inputs),
            outputs=tuple(self.outputs),
            version=self.version,
            poll=self.poll,
            days=self.days,
            remember=self.remember,
            enabled=self.enabled,
        )


class ProgressAnswer(Answer):
    """How far a source has come."""

    found: int = Field(description="Objects that wait or are being read.")
    counted: int
    quarantined: int
    rows: int = Field(description="Rows of the counted objects.")
    bytes: int = Field(description="Bytes of the counted objects.")
    waiting_bytes: int
    oldest_waiting: Time | None = Field(description="When the first object that waits was seen.")


class SourceAnswer(Answer):
    """A source, its last look, and how far it has come. Of credentials the references only."""

    name: str
    url: str
    format: str
    columns: dict[str, str]
    inputs: list[str]
    outputs: list[str]
    version: str | None
    poll: Duration
    days: int | None
    remember: Duration
    endpoint: str | None
    region: str | None
    anonymous: bool
    credentials: dict[str, str]
    enabled: bool
    created_at: Time
    looked_at: Time | None = Field(description="When the last listing began.")
    looking: bool = Field(description="Whether it is being listed now.")
    listed: int = Field(description="Objects that the last whole listing showed.")
    error: str | None = Field(description="Code of what kept the last listing from its end.")
    floor: Time | None = Field(description="Objects last modified before are not taken any more.")
    progress: ProgressAnswer

    @classmethod
    def of(cls, state: SourceState) -> Self:
        source, options, progress = state.source, state.source.options, state.progress
        return cls(
            name=source.name,
            url=source.url,
            format=source.format,
            columns=dict(source.columns),
            inputs=list(source.inputs),
            outputs=list(source.outputs),
            version=source.version,
            poll=source.poll,
            days=source.days,
            remember=source.remember,
            endpoint=options.endpoint,
            region=options.region,
            anonymous=options.anonymous,
            credentials=dict(options.credentials),
            enabled=source.enabled,
            created_at=state.created_at,
            looked_at=state.looked_at,
            looking=state.looking,
            listed=state.listed,
            error=state.error,
            floor=state.floor,
            progress=ProgressAnswer(
                found=progress.found,
                counted=progress.counted,
                quarantined=progress.quarantined,
                rows=progress.rows,
                bytes=progress.bytes,
                waiting_bytes=progress.waiting_bytes,
                oldest_waiting=progress.oldest_waiting,
            ),
        )


class SourcePage(Answer):
    """Sources by name."""

    items: list[SourceAnswer]
    next_cursor: str | None


class ObjectFault(Answer):
    """One thing wrong with an object; never a value of it."""

    detail: str
    pointer: str
    row: int | None
    field: str | None

    @classmethod
    def of(cls, fault: Fault) -> Self:
        return cls(detail=fault.detail, pointer=fault.pointer, row=fault.row, field=fault.field)


class ObjectAnswer(Answer):
    """One content of one object and what became of it."""

    id: int
    key: str
    etag: str | None
    object_version: str | None
    size: int
    modified: Time
    state: ObjectState
    tries: int
    reason: str | None = Field(description="Code of what is wrong, or was at the last try.")
    detail: str | None
    faults: list[ObjectFault] = Field(description="The first ten.")
    rows: int = Field(description="Rows that were counted; none if they had been before.")
    batch: str = Field(description="Key of its receipt, once it is counted.")
    seen_at: Time
    due_at: Time | None = Field(description="When it is tried next; null once it is done.")
    done_at: Time | None

    @classmethod
    def of(cls, stored: StoredObject) -> Self:
        listed = stored.listed
        return cls(
            id=stored.id,
            key=listed.key,
            etag=listed.etag,
            object_version=listed.version,
            size=listed.size,
            modified=listed.modified,
            state=stored.state,
            tries=stored.tries,
            reason=stored.reason,
            detail=stored.detail,
            faults=[ObjectFault.of(fault) for fault in stored.faults],
            rows=stored.rows,
            batch=stored.batch,
            seen_at=stored.seen_at,
            due_at=None if stored.done_at else stored.due_at,
            done_at=stored.done_at,
        )


class ObjectPage(Answer):
    """Objects in the order in which they were found."""

    items: list[ObjectAnswer]
    next_cursor: str | None


class RetriedAnswer(Answer):
    """Objects that were taken out of quarantine."""

    retried: int


class HintedAnswer(Answer):
    """What a message named."""

    matched: int = Field(description="Hints about this source; the next listing was hastened.")
    ignored: int = Field(description="Hints about something else.")


HINT_BODY: dict[str, Any] = {
    "description": "An S3 event (also as SQS, SNS or EventBridge carry it) or a message of "
    "SeaweedFS, as JSON; any content type. What is not understood is ignored.",
    "required": True,
    "content": {
        "application/json": {
            "schema": {},
            "example": {
                "Records": [
                    {
                        "eventName": "ObjectCreated:Put",
                        "s3": {
                            "bucket": {"name": "prediction-logs"},
                            "object": {"key": "flights/dt%3D2026-11-01/part+1.parquet"},
                        },
                    }
                ]
            },
        },
    },
}
