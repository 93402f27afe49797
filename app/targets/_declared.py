"""What may be declared as a target: its kind, its options, and where they lead."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.alerts.delivery import Target
from app.domain.errors import Fault, Invalid
from app.egress import Allow, Resolve, check_target, system_resolve
from app.targets._kind import AnyKind
from app.targets._options import URI


@dataclass(frozen=True, slots=True)
class TargetKinds:
    """Reads what users declare, by the kinds there are."""

    kinds: Mapping[str, AnyKind]
    allow: Allow
    resolve: Resolve = system_resolve

    async def check(self, name: str, kind: str, options: Mapping[str, object]) -> Target:
        """Return the target that is declared, with its options complete.

        Raises `Invalid` with pointers into the declaration where the kind is unknown, an option
        is wrong, or a URL leads to an address that is not allowed.
        """
        known = self.kinds.get(kind)
        if known is None:
            detail = f"there is no such kind; known are: {', '.join(self.kinds)}"
            raise Invalid(detail, (Fault(detail, "/kind"),))
        parsed = known.parse(options)
        for field in dataclasses.fields(parsed):
            value = getattr(parsed, field.name)
            if value is not None and field.metadata.get("format") == URI:
                await check_target(value, self.allow, self.resolve, f"/{field.name}")
        return Target(name, kind, dataclasses.asdict(parsed), takes=known.takes)
