"""Windows belong to frames, judgements to monitors, and monitors are declared."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOVED = ("baseline", "state", "warning", "page", "reason", "monitor_version", "code_version")
# what one look could spend: a tenth of a page in 90 days, which are so many microseconds
POSTGRES_LEVEL = """0.1::float8 / greatest(1.0::float8, 7776000000000.0::float8 / m."window")"""
SQLITE_LEVEL = """0.1 / max(1.0, 7776000000000.0 / m."window")"""
SAID = """
insert into judgement (id, revision_id, monitor, monitor_version, comparison, baseline, state,
    warning, page, page_level, reason, judged_at, code_version){identity}
select r.id, r.id, 'default', r.monitor_version, 'reference', r.baseline, r.state,
    r.warning, r.page, {level}, r.reason, r.judged_at, r.code_version
from {revisions} r join "window" w on w.id = r.window_id join model m on m.id = w.model_id
"""
COPIED = """
insert into revision (id, window_id, number, cause, judged_at, grid_set, rows, counts, digest)
select id, window_id, number, cause, judged_at, grid_set, rows, counts, digest from revision_before
"""
TAKEN_OVER = "insert into {table}_anew select * from {table}"
NUMBER_ON = """
select setval(pg_get_serial_sequence('judgement', 'id'), max(id)) from judgement
having max(id) is not null
"""
VIEWS = ("latest_verdict", "latest_estimate")
WINDOW = """
    m.name as model, w.version, w.segment, j.monitor,
    {start} as window_start, {end} as window_end,
    r.number as revision, r.cause, {judged} as judged_at, r.rows
"""
JUDGED = """
    from judgement j
    join revision r on r.id = j.revision_id
    join "window" w on w.id = r.window_id and w.revision = r.number
    join model m on m.id = w.model_id and m.hidden_at is null
"""
LATEST_VERDICT = """
create view latest_verdict as
select {window}, v.feature, v.state, v.warning, v.page, v.reason, v.p_value, v.p_adjusted,
    j.comparison
{judged} join verdict v on v.judgement_id = j.id
"""
LATEST_ESTIMATE = """
create view latest_estimate as
select {window}, e.feature, e.statistic, e.value, e.lower, e.upper, e.null_mean, e.effect,
    e.p_value, e.threshold, e.n_ref, e.n_cur, e.reason, j.comparison
{judged} join estimate e on e.judgement_id = j.id
"""
SQLITE_TIME = "strftime('%Y-%m-%dT%H:%M:%fZ', {} / 1000000.0, 'unixepoch')"


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for view in VIEWS:
        op.execute(f"drop view {view}")
    op.alter_column("window", "monitor", new_column_name="frame")
    _monitors()
    if postgres:
        _judgement_table()
        _judge("revision", POSTGRES_LEVEL, " overriding system value")
        op.execute(NUMBER_ON)
        for table in ("verdict", "estimate"):
            _hang_on_judgements(table)
        for column in MOVED:
            op.drop_column("revision", column)
    else:
        _copied()
    _views(postgres=postgres)


def _monitors() -> None:
    op.create_table(
        "monitor",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("frame", Key, nullable=False),
        sa.Column("declaration", Document, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_monitor_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitor")),
        sa.UniqueConstraint(
            "model_id", "name", "version", name=op.f("uq_monitor_model_id_name_version")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_monitor_present",
        "monitor",
        ["model_id", "name"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    )
    _usual_monitors()


MODEL = sa.table(
    "model",
    sa.column("id", sa.Integer()),
    sa.column("schema", Document),
    sa.column("active_baseline", sa.Integer()),
    sa.column("created_at", Instant()),
)
MONITOR = sa.table(
    "monitor",
    sa.column("model_id", sa.Integer()),
    sa.column("name", Key),
    sa.column("version", sa.Integer()),
    sa.column("frame", Key),
    sa.column("declaration", Document),
    sa.column("created_at", Instant()),
)
OUTPUTS = ["prediction", "score"]
EVERYTHING = ["feature", *OUTPUTS]


def _usual_monitors() -> None:
    """Give models with a baseline the monitors that they would get with it today."""
    connection = op.get_bind()
    models = connection.execute(sa.select(MODEL).where(MODEL.c.active_baseline.is_not(None)))
    for model in models.all():
        usual = [("default", _declaration("data_drift", EVERYTHING, "P2", pages=True))]
        counted = [column for column in model.schema or () if column["kind"] != "ignored"]
        if any(column["role"] in OUTPUTS for column in counted):
            usual.append(("predictions", _declaration("prediction_drift", OUTPUTS, "P2")))
        usual.append(("quality", _declaration("data_quality", EVERYTHING, "P3")))
        shared = {"model_id": model.id, "version": 1, "frame": "default"}
        shared["created_at"] = model.created_at
        rows = [shared | {"name": name, "declaration": said} for name, said in usual]
        connection.execute(MONITOR.insert(), rows)


def _declaration(
    kind: str, roles: list[str], severity: str, *, pages: bool = False
) -> dict[str, object]:
    return {
        "kind": kind,
        "window": None,
        "roles": roles,
        "include": None,
        "exclude": [],
        "criteria": {
            "level": 0.05,
            "min_rows": None,
            "numeric": None,
            "categorical": None,
            "limits": [],
            "overrides": [],
        },
        "rule": {"kind": "any", "share": None, "features": [], "weights": []},
        "severity": severity,
        "fire_after": 1,
        "fire_of": None,
        "resolve_after": 2,
        "targets": None,
        "pages": pages,
        "enabled": True,
    }


def _judgement_table() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("revision_id", Identity64, nullable=False),
        sa.Column("monitor", Key, nullable=False),
        sa.Column("monitor_version", sa.Integer(), nullable=False),
        sa.Column("comparison", Key, nullable=False),
        sa.Column("baseline", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("warning", sa.Boolean(), nullable=False),
        sa.Column("page", sa.Boolean(), nullable=False),
        sa.Column("page_level", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
            name=op.f("fk_judgement_revision_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sa.UniqueConstraint(
            "revision_id",
            "monitor",
            "comparison",
            name=op.f("uq_judgement_revision_id_monitor_comparison"),
        ),
        sqlite_autoincrement=True,
    )


def _judge(revisions: str, level: str, identity: str) -> None:
    """Make judgements of what revisions said, under the same ids."""
    op.execute(SAID.format(revisions=revisions, level=level, identity=identity))


def _hang_on_judgements(table: str) -> None:
    op.drop_constraint(f"fk_{table}_revision_id", table, type_="foreignkey")
    op.alter_column(table, "revision_id", new_column_name="judgement_id")
    op.create_foreign_key(
        op.f(f"fk_{table}_judgement_id"),
        table,
        "judgement",
        ["judgement_id"],
        ["id"],
        ondelete="CASCADE",
    )


def _copied() -> None:
    """SQLite cannot let a column refer to another table, and to drop one it writes all rows anew.

    What is large is copied once, and the tables that were are dropped when nothing refers to them.
    """
    op.rename_table("revision", "revision_before")
    op.create_table(
        "revision",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("window_id", Identity64, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.Column("grid_set", sa.Integer(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["window_id"], ["window.id"], name=op.f("fk_revision_window_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("window_id", "number", name=op.f("uq_revision_window_id_number")),
    )
    op.execute(COPIED)
    _judgement_table()
    _judge("revision_before", SQLITE_LEVEL, "")
    _copied_verdicts()
    _copied_estimates()
    op.drop_table("revision_before")


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["judgement_id"],
        ["judgement.id"],
        name=op.f(f"fk_{table}_judgement_id"),
        ondelete="CASCADE",
    )


def _copied_verdicts() -> None:
    op.create_table(
        "verdict_anew",
        sa.Column("judgement_id", Identity64, nullable=False),
        sa.Column("feature", Key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("warning", sa.Boolean(), nullable=False),
        sa.Column("page", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("p_adjusted", sa.Double(), nullable=True),
        sa.Column("rules", Document, nullable=False),
        _owner("verdict"),
        sa.PrimaryKeyConstraint("judgement_id", "feature", name=op.f("pk_verdict")),
    )
    _take_place("verdict")


def _copied_estimates() -> None:
    op.create_table(
        "estimate_anew",
        sa.Column("judgement_id", Identity64, nullable=False),
        sa.Column("feature", Key, nullable=False),
        sa.Column("statistic", Key, nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("null_mean", sa.Double(), nullable=True),
        sa.Column("effect", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("n_ref", sa.BigInteger(), nullable=False),
        sa.Column("n_cur", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        _owner("estimate"),
        sa.PrimaryKeyConstraint("judgement_id", "feature", "statistic", name=op.f("pk_estimate")),
    )
    _take_place("estimate")


def _take_place(table: str) -> None:
    """Put the new table in the place of the old one; its columns come in the same order."""
    op.execute(TAKEN_OVER.format(table=table))
    op.drop_table(table)
    op.rename_table(f"{table}_anew", table)


def _views(*, postgres: bool) -> None:
    time = "{}" if postgres else SQLITE_TIME
    window = WINDOW.format(
        start=time.format("w.start_at"),
        end=time.format("w.end_at"),
        judged=time.format("j.judged_at"),
    )
    connection = op.get_bind()
    connection.exec_driver_sql(LATEST_VERDICT.format(window=window, judged=JUDGED))
    connection.exec_driver_sql(LATEST_ESTIMATE.format(window=window, judged=JUDGED))
