"""Where events go: the kinds of targets, found by being there; one file each, no list to edit.

A kind is a module of this folder whose name does not begin with ``_`` and which sets ``KIND``.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from app.targets._declared import TargetKinds
from app.targets._kind import Answer, AnyKind, Outgoing, Reach
from app.targets._secrets import Secrets, SecretUnavailable
from app.targets._sender import PATIENCE, RegistrySender


def _load() -> dict[str, AnyKind]:
    names = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    kinds = [importlib.import_module(f"{__name__}.{name}").KIND for name in sorted(names)]
    return {kind.name: kind for kind in kinds}


TARGETS: Mapping[str, AnyKind] = MappingProxyType(_load())
"""Every kind by name."""

__all__ = [
    "PATIENCE",
    "TARGETS",
    "Answer",
    "AnyKind",
    "Outgoing",
    "Reach",
    "RegistrySender",
    "SecretUnavailable",
    "Secrets",
    "TargetKinds",
]
