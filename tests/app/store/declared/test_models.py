"""Models, versions, grid sets and baselines: what goes in comes back."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app.domain.errors import Conflict, NotFound
from app.domain.model import (
    Feature,
    Kind,
    Model,
    Precision,
    Role,
    Schema,
    Settings,
    TimeUnit,
    VersionRole,
    Warned,
)
from app.domain.telling.reports import WindowQuery
from app.store import SqlStore, tables
from tests.app.conftest import Place
from tests.app.store.made import (
    GRIDS,
    HOUR,
    NINE,
    NOW,
    OTHER_GRIDS,
    SCHEMA,
    active,
    batch,
    declared,
    reference,
)

ODD = Schema(
    (
        Feature("a/b $%[]'\" é🙂", Kind.NUMERIC, precision=Precision.FLOAT32, sensitive=True),
        Feature("when", Kind.IGNORED, Role.TIMESTAMP, time_unit=TimeUnit.MILLISECONDS, why="x"),
    )
)


async def test_a_model_is_declared_and_changed(store: SqlStore, place: Place) -> None:
    settings = Settings(timedelta(days=7), timedelta(minutes=1), timedelta(days=3), strict=True)
    async with store.write() as unit:
        made, created = await unit.models.declare("m", settings, None)
    assert created
    assert (made.settings, made.schema, made.active_baseline) == (settings, None, None)
    assert made.created_at == NOW
    place.clock.forward(timedelta(hours=1))
    async with store.write() as unit:
        again, created = await unit.models.declare("m", Settings(), ODD)
        kept, _ = await unit.models.declare("m", Settings(), None)
    assert not created
    assert (again.id, again.settings, again.schema) == (made.id, Settings(), ODD)
    assert kept == again
    async with store.write() as unit:
        await unit.models.set_schema(made.id, SCHEMA)
        assert (await unit.models.by_id(made.id)).schema == SCHEMA  # type: ignore[union-attr]
        assert await unit.models.active_grid_set(made.id) is None


async def test_models_are_listed_by_name(store: SqlStore) -> None:
    async with store.write() as unit:
        for name in ("b", "B", "a", "c"):
            await unit.models.declare(name, Settings(), None)
        hidden, _ = await unit.models.declare("aa", Settings(), None)
        await unit.models.hide(hidden.id)
        assert [m.name for m in await unit.models.page(None, 3)] == ["B", "a", "b"]
        assert [m.name for m in await unit.models.page("b", 3)] == ["c"]
        assert await unit.models.find("aa") is None
        assert await unit.models.by_id(hidden.id) is None


async def test_an_error_rolls_everything_back(store: SqlStore) -> None:
    async def fail() -> None:
        async with store.write() as unit:
            await unit.models.declare("m", Settings(), None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with store.read() as unit:
        assert await unit.models.find("m") is None


async def test_grid_sets_and_baselines_come_back_exactly(store: SqlStore) -> None:
    async with store.write() as unit:
        model, _ = await unit.models.declare("m", Settings(), SCHEMA)
        first = await unit.models.add_grid_set(model.id, GRIDS)
        second = await unit.models.add_grid_set(model.id, OTHER_GRIDS)
        one = await unit.models.add_baseline(model.id, reference(first.number, "f1"))
        two = await unit.models.add_baseline(
            model.id, reference(second.number, "f2", OTHER_GRIDS.size)
        )
        await unit.models.activate(model.id, one.number)
    assert (first.number, second.number, one.number, two.number) == (1, 2, 1, 2)
    async with store.read() as unit:
        found = await unit.models.active_grid_set(model.id)
        newest, oldest = await unit.models.baselines(model.id)
        same = await unit.models.baseline_by_fingerprint(model.id, "f2")
        assert await unit.models.baseline(model.id, 3) is None
        assert await unit.models.baseline_by_fingerprint(model.id, "f3") is None
        assert (await unit.models.grid_set(model.id, 2)).grids == OTHER_GRIDS
        with pytest.raises(NotFound):
            await unit.models.grid_set(model.id, 3)
    assert found == first
    assert found is not None
    assert found.grids.digest == GRIDS.digest
    assert (newest.number, same.number if same else None) == (2, 2)
    assert (oldest.activated_at, newest.activated_at) == (NOW, None)
    assert (oldest.vector == one.vector).all()
    assert (oldest.schema, oldest.lineage, oldest.rows) == (SCHEMA, {"git_commit": "abc"}, 100)


async def test_a_baseline_keeps_its_warnings_and_must_fit_its_grids(store: SqlStore) -> None:
    async with store.write() as unit:
        model, _ = await unit.models.declare("m", Settings(), SCHEMA)
        grids = await unit.models.add_grid_set(model.id, GRIDS)
        warned = (Warned("dep/delay %", "constant", "é"), Warned(None, "few", "only 3 rows"))
        await unit.models.add_baseline(model.id, replace(reference(grids.number), warnings=warned))
        assert (await unit.models.baselines(model.id))[0].warnings == warned
        with pytest.raises(ValueError, match="cells"):
            await unit.models.add_baseline(model.id, reference(grids.number, "g", 3))
        with pytest.raises(NotFound):
            await unit.models.activate(model.id, 7)


async def test_a_fingerprint_is_stored_once(store: SqlStore, model: Model) -> None:
    with pytest.raises(Conflict):
        async with store.write() as unit:
            await unit.models.add_baseline(model.id, reference(1, "f1"))


async def test_a_rolled_back_grid_set_is_not_remembered(store: SqlStore) -> None:
    async with store.write() as unit:
        model, _ = await unit.models.declare("m", Settings(), SCHEMA)

    async def fail() -> None:
        async with store.write() as unit:
            lost = await unit.models.add_grid_set(model.id, OTHER_GRIDS)
            assert (await unit.models.grid_set(model.id, lost.number)).grids == OTHER_GRIDS
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with store.write() as unit:
        kept = await unit.models.add_grid_set(model.id, GRIDS)
    async with store.read() as unit:
        assert (await unit.models.grid_set(model.id, kept.number)).grids == GRIDS


async def test_one_champion_at_a_time(store: SqlStore, model: Model) -> None:
    async with store.write() as unit:
        assert await unit.models.champion(model.id) is None
        assert (await unit.models.ensure_version(model.id, "a")).role is VersionRole.CHAMPION
        assert (await unit.models.ensure_version(model.id, "b")).role is VersionRole.SHADOW
        assert (await unit.models.ensure_version(model.id, "a")).role is VersionRole.CHAMPION
    async with store.write() as unit:
        made, created = await unit.models.put_version(
            model.id, "c", VersionRole.CHAMPION, {"git_commit": "é", "params": {"depth": 3}}
        )
        _, again = await unit.models.put_version(model.id, "b", VersionRole.RETIRED, {})
    assert (created, again) == (True, False)
    assert made.lineage == {"git_commit": "é", "params": {"depth": 3}}
    async with store.read() as unit:
        roles = {v.name: v.role.value for v in await unit.models.versions(model.id)}
        assert (await unit.models.champion(model.id)) == made
    assert roles == {"a": "challenger", "b": "retired", "c": "champion"}


async def test_first_versions_at_once_make_one_champion(
    store: SqlStore, model: Model, place: Place
) -> None:
    other = SqlStore(place.url) if place.is_postgres else store

    async def ensure(through: SqlStore, name: str) -> VersionRole:
        async with through.write() as unit:
            found = await unit.models.ensure_version(model.id, name)
            await asyncio.sleep(0.02)
            return found.role

    names = ["a", "b", "c", "d"]
    roles = await asyncio.gather(
        *(ensure(store if i % 2 else other, name) for i, name in enumerate(names))
    )
    if other is not store:
        await other.close()
    assert sorted(roles) == ["champion", "shadow", "shadow", "shadow"]


async def test_names_at_once_make_one_model(store: SqlStore, place: Place) -> None:
    other = SqlStore(place.url) if place.is_postgres else store
    made = await asyncio.gather(*(_declare(store if i % 2 else other) for i in range(6)))
    if other is not store:
        await other.close()
    assert sum(created for _, created in made) == 1
    assert len({model.id for model, _ in made}) == 1


async def _declare(store: SqlStore) -> tuple[Model, bool]:
    async with store.write() as unit:
        return await unit.models.declare("m", Settings(), None)


async def test_removal_leaves_other_models_alone(store: SqlStore, model: Model) -> None:
    other = await declared(store, "other")
    async with store.write() as unit:
        assert not await unit.models.purge()
        await unit.models.hide(model.id)
    rounds = 0
    while True:
        async with store.write() as unit:
            if not await unit.models.purge():
                break
        rounds += 1
        assert rounds < 50
    async with store.read() as unit:
        for table in ("baseline", "grid_set", "model"):
            query = select(func.count()).select_from(tables.metadata.tables[table])
            assert (await unit.session.connection.execute(query)).scalar_one() == 1
        assert await unit.models.find("other") == other


async def test_baselines_are_read_without_their_counts_and_counts_once(
    store: SqlStore, model: Model
) -> None:
    seen: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", _noting(seen))
    async with store.read() as unit:
        (head,) = await unit.models.baseline_heads(model.id)
        whole = await unit.models.baseline(model.id, head.number)
        assert whole is not None
        assert (head.grid_set, head.activated_at) == (whole.grid_set, whole.activated_at)
        again = await unit.models.baseline(model.id, head.number)
    assert again is not None
    assert again.vector is whole.vector
    assert [".counts" in statement for statement in seen].count(True) == 1
    with pytest.raises(ValueError, match="read-only"):
        whole.vector[0] = 1


def _noting(seen: list[str]) -> Callable[..., None]:
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    return note


async def test_what_rows_are_counted_on_is_read_in_one_query(store: SqlStore, model: Model) -> None:
    async with store.write() as unit:
        await unit.models.put_version(model.id, "v1", VersionRole.CHAMPION, {})
        await unit.models.declare("bare", Settings(), None)
    async with store.read() as unit:
        ground = await unit.models.ground(model.name)
        assert ground is not None
        assert ground.model == await unit.models.find(model.name)
        assert ground.active == await unit.models.active_grid_set(model.id)
        assert ground.champion == "v1"
        bare = await unit.models.ground("bare")
        assert bare is not None
        assert (bare.active, bare.champion) == (None, None)
        assert await unit.models.ground("none") is None


async def test_a_version_that_was_rolled_back_is_made_again(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)

    async def rolled_back() -> None:
        async with store.write() as unit:
            await unit.batches.commit([batch(model, grid_set, "k")])
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await rolled_back()
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grid_set, "k")])
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grid_set, "l")])
        assert [v.name for v in await unit.models.versions(model.id)] == ["default"]
        assert (
            await unit.views.held(WindowQuery(model.id, "default"), NINE, NINE + HOUR)
        ).rows == 20
