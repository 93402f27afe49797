"""The kinds of resources that a file declares: one entry each, in the order of application.

Shapes, defaults and rules of names come from the service's own OpenAPI document, so that an entry
says only where a kind stands in the file and under which path its resources are declared. A kind
that the service does not have yet is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Kind:
    """Resources that are declared by PUT and read by GET under one path."""

    section: str
    """The key under which they stand in the file."""
    path: str
    """Of one resource. Without a name of its own at the end there is one for each parent."""
    parent: str | None = None
    """Section of the resources that these belong to."""
    kept: frozenset[str] = frozenset()
    """Members that stay as they are where they are not declared."""
    usual: tuple[tuple[str, ...], ...] = ()
    """Paths of members (``*`` for any name) which the service fills in, where they are left out, by
    rules that its document does not tell; what is there stays."""
    sole: tuple[str, str] | None = None
    """A member and the value of it that one of them can have at a time; that one goes first."""
    pruned: bool = True
    """Whether what the file does not name may be deleted: not where counted rows go with it."""
    spared: frozenset[str] = frozenset()
    """Names of those that stay, though the file does not name them."""

    @property
    def single(self) -> bool:
        """Whether a parent has one of them, which has no name."""
        return not self.path.endswith("}")

    @property
    def listing(self) -> str:
        """Return the path that lists them, or reads the only one."""
        return self.path if self.single else self.path.rpartition("/")[0]


KINDS: tuple[Kind, ...] = (
    Kind("targets", "/v1/targets/{target}"),
    Kind("models", "/v1/models/{model}", kept=frozenset({"schema"}), pruned=False),
    Kind(
        "versions",
        "/v1/models/{model}/versions/{version}",
        parent="models",
        sole=("role", "champion"),
        pruned=False,
    ),
    Kind("sources", "/v1/models/{model}/sources/{source}", parent="models"),
    Kind(
        "monitors",
        "/v1/models/{model}/monitors/{monitor}",
        parent="models",
        usual=(
            ("thresholds", "*", "warning"),
            ("thresholds", "*", "drift"),
            ("overrides", "*", "*", "warning"),
            ("overrides", "*", "*", "drift"),
        ),
        # files from before it could be declared do not name it: it is switched off by word alone
        spared=frozenset({"traffic"}),
    ),
    Kind("retraining", "/v1/models/{model}/retraining", parent="models"),
)
BY_SECTION: Mapping[str, Kind] = {kind.section: kind for kind in KINDS}


def children(parent: str | None) -> tuple[Kind, ...]:
    """Return the kinds that stand within one of a section; those of the file itself for None."""
    return tuple(kind for kind in KINDS if kind.parent == parent)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """One resource: its section, and its names from the outermost on."""

    section: str
    names: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        return BY_SECTION[self.section]

    @property
    def place(self) -> tuple[str, ...]:
        """The keys that lead to it in a file."""
        parent = self.kind.parent
        if parent is None:
            return (self.section, *self.names)
        return (parent, self.names[0], self.section, *self.names[1:])

    @property
    def path(self) -> str:
        return filled(self.kind.path, self.names)

    def __str__(self) -> str:
        return ".".join(self.place)


def filled(template: str, names: tuple[str, ...]) -> str:
    """Return a path with its places filled by names."""
    left = iter(names)
    parts = template.split("/")
    return "/".join(quote(next(left), safe="") if one.startswith("{") else one for one in parts)
