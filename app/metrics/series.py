"""Every series: its name, what it means and its labels; the only place where they are written."""

from enum import Enum


class Series(Enum):
    """Name, help and labels of each series."""

    BUILD = ("leeway_build_info", "The running version; always 1.", ("leeway_version",))
    VALUE = (
        "leeway_statistic_value",
        "Value of a statistic in the last judged window.",
        ("model", "version", "feature", "statistic"),
    )
    EFFECT = (
        "leeway_statistic_effect",
        "What the threshold is compared with: PSI without its bias, the KS distance, Cramer's V.",
        ("model", "version", "feature", "statistic"),
    )
    THRESHOLD = (
        "leeway_statistic_threshold",
        "Effect from which on the statistic's change matters.",
        ("model", "version", "feature", "statistic"),
    )
    STATISTIC_P = (
        "leeway_statistic_p_value",
        "Evidence of a statistic: chance of as much without drift.",
        ("model", "version", "feature", "statistic"),
    )
    ROWS_COMPARED = (
        "leeway_statistic_rows",
        "Rows that a statistic compared, of the reference and of the window.",
        ("model", "version", "feature", "statistic", "side"),
    )
    FEATURE_P = (
        "leeway_feature_p_value",
        "A feature's evidence after correction for the number of features.",
        ("model", "version", "feature"),
    )
    FEATURE_STATE = (
        "leeway_feature_state",
        "1 for the state of the feature in the last judged window, 0 for the others.",
        ("model", "version", "feature", "state"),
    )
    WINDOW_STATE = (
        "leeway_window_state",
        "1 for the state of the last judged window, 0 for the others.",
        ("model", "version", "state"),
    )
    WINDOW_ROWS = (
        "leeway_window_rows",
        "Rows of the last judged window.",
        ("model", "version"),
    )
    WINDOW_MISSING = (
        "leeway_window_missing_rows",
        "Rows of the last judged window that its sources sent and that never came, at least.",
        ("model", "version"),
    )
    WINDOW_END = (
        "leeway_window_end_timestamp_seconds",
        "End of the last judged window, in event time.",
        ("model", "version"),
    )
    JUDGED = (
        "leeway_window_judged_timestamp_seconds",
        "When the last judged window was judged.",
        ("model", "version"),
    )
    ROLE = (
        "leeway_version_info",
        "Role of a version; always 1.",
        ("model", "version", "role"),
    )
    FIRING = (
        "leeway_alert_firing",
        "1 while an alert fires.",
        ("model", "version", "monitor", "severity"),
    )
    RECEIVED = (
        "leeway_ingest_rows_received",
        "Rows received: the sum of all results.",
        ("model", "version"),
    )
    RESULTS = (
        "leeway_ingest_rows",
        "Rows received, by what became of them.",
        ("model", "version", "result"),
    )
    UNCHECKED = (
        "leeway_ingest_rows_not_deduplicated",
        "Rows counted without a look whether they had been before: too many ids are remembered.",
        ("model", "version"),
    )
    ROW_IDS = ("leeway_row_ids", "About how many row ids are remembered.", ())
    ROW_ID_LIMIT = ("leeway_row_ids_limit", "How many row ids may be remembered.", ())
    BATCHES = (
        "leeway_ingest_batches",
        "Batches that were answered with a receipt.",
        ("model", "version"),
    )
    REJECTED = (
        "leeway_rejected_batches",
        "Batches that were refused, by reason.",
        ("model", "reason"),
    )
    REFUSED = (
        "leeway_http_refused",
        "Requests that this replica answered with an error, by route; without one, by the server.",
        ("route", "status"),
    )
    LATEST_EVENT = (
        "leeway_ingest_latest_event_timestamp_seconds",
        "Largest event time received.",
        ("model", "version"),
    )
    LAST_COMMIT = (
        "leeway_ingest_last_commit_timestamp_seconds",
        "When rows were last committed.",
        ("model", "version"),
    )
    OBJECTS = (
        "leeway_source_objects",
        "Objects of a source; found are those that wait or are being read.",
        ("model", "source", "state"),
    )
    OBJECT_ROWS = ("leeway_source_rows", "Rows of counted objects.", ("model", "source"))
    OBJECT_BYTES = ("leeway_source_bytes", "Bytes of counted objects.", ("model", "source"))
    LOOKED = (
        "leeway_source_last_look_timestamp_seconds",
        "When the last listing of a source began.",
        ("model", "source"),
    )
    LOOK_FAILED = (
        "leeway_source_look_failed",
        "1 while the last listing did not come to its end.",
        ("model", "source"),
    )
    WAITING_SINCE = (
        "leeway_source_waiting_since_timestamp_seconds",
        "When the first of the objects that wait was seen; absent where none waits.",
        ("model", "source"),
    )
    RETRAININGS = (
        "leeway_retrainings",
        "Retrainings that were asked for, by the state that they are in.",
        ("model", "state"),
    )
    CHAMPION_SINCE = (
        "leeway_champion_since_timestamp_seconds",
        "When the champion became known or was promoted; time() less this is its age.",
        ("model", "version"),
    )
    PENDING = ("leeway_deliveries_pending", "Deliveries that wait to be made.", ())

    def __init__(self, series: str, meaning: str, labels: tuple[str, ...]) -> None:
        self.series = series
        self.meaning = meaning
        self.labels = labels


SOURCE_COUNTERS = frozenset({Series.OBJECT_ROWS, Series.OBJECT_BYTES})
COUNTERS = SOURCE_COUNTERS | {
    Series.RECEIVED,
    Series.RESULTS,
    Series.BATCHES,
    Series.REJECTED,
    Series.UNCHECKED,
    Series.REFUSED,
}
RESULTS = ("counted", "duplicate", "late", "rejected")
