"""Targets on the wire; the options of each kind come from the registry of kinds."""

import dataclasses
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from app.api.schemas.base import Answer
from app.domain.delivery import Target
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
        "properties": {"kind": {"const": kind.name}, "enabled": enabled}
        | {f.name: _option(f) for f in options},
        "required": ["kind", *required],
        "additionalProperties": False,
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
                    "url": "https://hooks.example.com/leeway",
                    "secret": "env:LEEWAY_WEBHOOK_SECRET",
                    "previous_secret": None,
                }
            ]
        },
    )

    name: str
    kind: str
    enabled: bool
    disabled_reason: str | None = Field(description="Why we disabled it: it answered 410.")

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
            }
        )


class TargetPage(Answer):
    """Targets by name."""

    items: list[TargetAnswer]
    next_cursor: str | None


class QueuedAnswer(Answer):
    """A delivery that was queued."""

    delivery: int = Field(description="Its id; see ``/v1/deliveries/{delivery}``.")
