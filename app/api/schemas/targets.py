"""Targets on the wire; the options of each kind come from the registry of kinds."""

import dataclasses
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from app.api.schemas.base import Answer
from app.domain.alerts.delivery import Target, Topic
from app.domain.errors import Fault, Invalid
from app.domain.monitors.monitor import Severity
from app.domain.retrainings.run import Trouble
from app.targets import TARGETS, AnyKind


def _option(field: "dataclasses.Field[Any]") -> dict[str, Any]:
    optional = field.default is not dataclasses.MISSING
    return {"type": ["string", "null"] if optional else "string", **field.metadata}


def _schema_of(kind: AnyKind) -> dict[str, Any]:
    options = dataclasses.fields(kind.options)
    required = [f.name for f in options if f.default is dataclasses.MISSING]
    enabled = {"type": "boolean", "default": True}
    return {
        "type": "object",
        "title": kind.name.capitalize(),
        "description": kind.summary,
        "properties": {"kind": {"const": kind.name}, "enabled": enabled, "takes": _takes(kind)}
        | ({"severities": SEVERITIES} if Topic.ALERTS in kind.takes else {})
        | {f.name: _option(f) for f in options},
        "required": ["kind", *required],
        "additionalProperties": False,
    }


SEVERITIES: dict[str, Any] = {
    "type": ["array", "null"],
    "items": {"enum": list(Severity)},
    "minItems": 1,
    "uniqueItems": True,
    "description": "Alerts of these severities only; without it, of all.",
    "examples": [["P1", "P2"]],
}


def _takes(kind: AnyKind) -> dict[str, Any]:
    """Return what may be said of topics; a kind that takes one takes that one in any case."""
    return {
        "type": ["array", "null"],
        "items": {"enum": sorted(kind.takes)},
        "minItems": 1,
        "uniqueItems": True,
        "description": "Events on these topics only; without it, all that the kind takes.",
        "examples": [sorted(kind.takes)[:1]],
    }


def _replaced(schema: dict[str, Any]) -> None:
    schema.clear()
    schema["oneOf"] = [_schema_of(kind) for kind in TARGETS.values()]
    schema["title"] = "TargetDeclaration"


class TargetDeclaration(BaseModel):
    """A kind, and the options that it asks for beside it."""

    model_config = ConfigDict(extra="allow", frozen=True, json_schema_extra=_replaced)

    kind: StrictStr
    enabled: StrictBool = True
    takes: list[Topic] | None = None
    severities: list[Severity] | None = None

    def taking(self, checked: Target) -> frozenset[Topic]:
        """Return the topics that the target takes.

        Raises
        ------
        Invalid
            Its kind does not take one of them, or none is left.
        """
        if self.takes is None:
            return checked.takes
        asked = frozenset(self.takes)
        if asked and asked <= checked.takes:
            return asked
        detail = f"targets of this kind take: {', '.join(sorted(checked.takes))}"
        raise Invalid(detail, (Fault(detail, "/takes"),))

    def graded(self, takes: frozenset[Topic]) -> frozenset[Severity] | None:
        """Return the severities of alerts that go to a target which takes these topics.

        Raises
        ------
        Invalid
            None is left, or it takes no alerts.
        """
        if self.severities is None:
            return None
        if not self.severities or Topic.ALERTS not in takes:
            detail = "name at least one of P1 to P4, and only where alerts are taken"
            raise Invalid(detail, (Fault(detail, "/severities"),))
        return frozenset(self.severities)

    @property
    def options(self) -> dict[str, object]:
        return dict(self.model_extra or {})


class TargetAnswer(Answer):
    """Where events go. Options of the kind stand beside these; secrets are references."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "name": "oncall",
                    "kind": "webhook",
                    "enabled": True,
                    "disabled_reason": None,
                    "takes": ["alerts"],
                    "severities": ["P1", "P2"],
                    "url": "https://hooks.example.com/leeway",
                    "secret": "env:LEEWAY_WEBHOOK_SECRET",
                    "previous_secret": None,
                    "signature": "standard",
                    "signature_header": "x-hub-signature-256",
                    "delivery_header": None,
                    "event_header": None,
                }
            ]
        },
    )

    name: str
    kind: str
    enabled: bool
    disabled_reason: str | None = Field(description="Why we disabled it: it answered 410.")
    takes: list[Topic] = Field(description="Topics of the events that go there.")
    severities: list[Severity] | None = Field(description="Of alerts that go there; null: all.")

    @classmethod
    def of(cls, target: Target) -> Self:
        options: dict[str, Any] = dict(target.options)
        return cls(
            **options
            | {
                "name": target.name,
                "kind": target.kind,
                "enabled": target.enabled,
                "disabled_reason": target.disabled_reason,
                "takes": sorted(target.takes),
                "severities": target.severities and sorted(target.severities),
            }
        )


class TargetPage(Answer):
    """Targets by name."""

    items: list[TargetAnswer]
    next_cursor: str | None


class TroubleAnswer(Answer):
    """Something that will keep events from having an effect."""

    code: str = Field(examples=["paused-dag"])
    message: str
    pointer: str = Field(description="Into the declaration; empty where it is about all of it.")

    @classmethod
    def of(cls, trouble: Trouble) -> Self:
        return cls(code=trouble.code, message=trouble.message, pointer=trouble.pointer)


class CheckAnswer(Answer):
    """What was found; an empty list where nothing was."""

    troubles: list[TroubleAnswer]


class QueuedAnswer(Answer):
    """A delivery that was queued."""

    delivery: int = Field(description="Its id; see ``/v1/deliveries/{delivery}``.")
