"""Views for SQL and BI tools, and how PostgreSQL should keep counts."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WINDOW = """
    m.name as model, w.version, w.segment, w.monitor,
    {start} as window_start, {end} as window_end,
    r.number as revision, r.cause, {judged} as judged_at, r.rows
"""
JUDGED = """
    from revision r
    join "window" w on w.id = r.window_id and w.revision = r.number
    join model m on m.id = w.model_id and m.hidden_at is null
"""
LATEST_VERDICT = """
create view latest_verdict as
select {window}, v.feature, v.state, v.warning, v.page, v.reason, v.p_value, v.p_adjusted
{judged} join verdict v on v.revision_id = r.id
"""
LATEST_ESTIMATE = """
create view latest_estimate as
select {window}, e.feature, e.statistic, e.value, e.lower, e.upper, e.null_mean, e.effect,
    e.p_value, e.threshold, e.n_ref, e.n_cur, e.reason
{judged} join estimate e on e.revision_id = r.id
"""
SQLITE_TIME = "strftime('%Y-%m-%dT%H:%M:%fZ', {} / 1000000.0, 'unixepoch')"


def upgrade() -> None:
    connection = op.get_bind()
    postgres = connection.dialect.name == "postgresql"
    time = "{}" if postgres else SQLITE_TIME
    window = WINDOW.format(
        start=time.format("w.start_at"),
        end=time.format("w.end_at"),
        judged=time.format("r.judged_at"),
    )
    connection.exec_driver_sql(LATEST_VERDICT.format(window=window, judged=JUDGED))
    connection.exec_driver_sql(LATEST_ESTIMATE.format(window=window, judged=JUDGED))
    if postgres:
        # counts are compressed already, and deltas come and go all the time
        op.execute("alter table delta alter column counts set storage external")
        op.execute("alter table revision alter column counts set storage external")
        op.execute(
            "alter table delta set"
            " (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)"
        )
