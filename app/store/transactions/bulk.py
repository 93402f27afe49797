"""Many rows in one statement: ``unnest`` or JSON on PostgreSQL, ``executemany`` on SQLite."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Insert,
    LargeBinary,
    Select,
    String,
    Table,
    TableValuedAlias,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from app.store.transactions.session import Ledger, Session
from app.store.transactions.types import Document

Rows = Sequence[Mapping[str, Any]]


@cache
def unnested(table: Table, names: tuple[str, ...]) -> TableValuedAlias:
    """Return PostgreSQL's ``unnest(...) as u``; ``arrays`` fills its parameters.

    Statements around it are built once and kept: to build one takes longer than to run it.
    """
    kinds = {name: _plain(table.c[name].type) for name in names}
    given = [bindparam(f"u_{name}", type_=ARRAY(kinds[name])) for name in names]
    columns = [column(name, kinds[name]) for name in names]
    return func.unnest(*given).table_valued(*columns, name="u").render_derived()


def arrays(table: Table, names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
    """Return the parameters of ``unnested``: one array for each column."""
    rows = _spelled(table, rows)
    return {f"u_{name}": [row[name] for row in rows] for name in names}


@cache
def recorded(table: Table, names: tuple[str, ...]) -> TableValuedAlias:
    """Return the same from one JSON text, which `written` makes.

    From many rows of many columns on it costs a tenth: the driver spells arrays item by item.
    """
    kinds = {name: _plain(table.c[name].type) for name in names}
    columns = [
        column(name, String() if isinstance(kind, LargeBinary) else kind)
        for name, kind in kinds.items()
    ]
    rows = cast(bindparam("u_rows", type_=String), JSON)
    return (
        func.json_to_recordset(rows)
        .table_valued(*columns, name="u")
        .render_derived(with_types=True)
    )


def written(table: Table, rows: Rows) -> dict[str, str]:
    """Return the parameter of ``recorded``; bytes are in base64."""
    return {"u_rows": msgspec.json.encode(_spelled(table, rows)).decode()}


def taken(table: Table, names: Sequence[str], given: TableValuedAlias) -> Select[Any]:
    """Return a select of given columns with the table's own types."""
    return select(*(_typed(given.c[name], table.c[name].type) for name in names)).select_from(given)


def _typed(given: ColumnElement[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    if kind is Document:
        return cast(given, kind)
    spelled = isinstance(kind, LargeBinary) and isinstance(given.type, String)
    return func.decode(given, literal_column("'base64'")) if spelled else given


@cache
def _inserting(table: Table, names: tuple[str, ...], *, ignore: bool) -> Insert:
    chosen = postgresql.insert(table).from_select(
        names, taken(table, names, unnested(table, names))
    )
    return chosen.on_conflict_do_nothing() if ignore else chosen


def _plain(of: TypeEngine[Any]) -> TypeEngine[Any]:
    # documents travel as text: an array of json has no literal form of its own
    return String() if of is Document else of


async def insert_all(session: Session, table: Table, rows: Rows, *, ignore: bool = False) -> None:
    """Insert rows that all have the same columns; with ``ignore``, those not there yet."""
    if rows:
        await session.connection.execute(*_prepared(table, rows, session.postgres, ignore))


def put(ledger: Ledger, table: Table, rows: Rows, *, ignore: bool = False) -> None:
    """The same on the commit path."""
    if rows:
        ledger.tell(*_prepared(table, rows, ledger.postgres, ignore))


def _prepared(
    table: Table, rows: Rows, postgres: bool, ignore: bool
) -> tuple[Insert, dict[str, list[Any]] | list[dict[str, Any]]]:
    names = tuple(rows[0])
    if postgres:
        return _inserting(table, names, ignore=ignore), arrays(table, names, rows)
    return _one_by_one(table, names, ignore=ignore), [dict(row) for row in rows]


@cache
def _one_by_one(table: Table, names: tuple[str, ...], *, ignore: bool) -> Insert:
    plain = sqlite.insert(table).values({name: bindparam(name) for name in names})
    return plain.on_conflict_do_nothing() if ignore else plain


def _spelled(table: Table, rows: Rows) -> Rows:
    documents = [name for name in rows[0] if table.c[name].type is Document]
    if not documents:
        return rows
    return [{**row, **{name: _text(row[name]) for name in documents}} for row in rows]


def _text(document: object) -> str | None:
    return None if document is None else json.dumps(document, ensure_ascii=False)
