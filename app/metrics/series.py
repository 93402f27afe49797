"""Every series: name, meaning, labels, type and scope; the only place where they are written."""

from enum import Enum, StrEnum

MODEL = ("model",)
VERSION = ("model", "version")
ASKED = (*VERSION, "monitor")
FEATURE = (*ASKED, "feature")
STATISTIC = (*FEATURE, "statistic")
SOURCE = ("model", "source")
REQUEST = ("route", "method")


class Kind(StrEnum):
    """Types of the exposition format."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


class Scope(StrEnum):
    """Stored: the same on every replica, so take the max. Replica: its own, so take the sum."""

    STORED = "stored"
    REPLICA = "replica"


G, C, H = Kind.GAUGE, Kind.COUNTER, Kind.HISTOGRAM
OWN = Scope.REPLICA


class Series(Enum):
    """Name, help, labels, type and scope of each series."""

    VALUE = ("leeway_statistic_value", "Value of a statistic in the last judged window.", STATISTIC)
    EFFECT = (
        "leeway_statistic_effect",
        "What the threshold is compared with: PSI without its bias, the KS distance, Cramer's V.",
        STATISTIC,
    )
    THRESHOLD = (
        "leeway_statistic_threshold",
        "Effect from which on the statistic's change matters.",
        STATISTIC,
    )
    STATISTIC_P = (
        "leeway_statistic_p_value",
        "Evidence of a statistic: chance of as much without drift.",
        STATISTIC,
    )
    ROWS_COMPARED = (
        "leeway_statistic_rows",
        "Rows that a statistic compared, of the reference and of the window.",
        (*STATISTIC, "side"),
    )
    FEATURE_P = (
        "leeway_feature_p_value",
        "A feature's evidence after correction for the number of features.",
        FEATURE,
    )
    FEATURE_STATE = (
        "leeway_feature_state",
        "1 for the state of the feature in the last judged window, 0 for the others.",
        (*FEATURE, "state"),
    )
    WINDOW_STATE = (
        "leeway_window_state",
        "1 for the state of the last judged window, 0 for the others.",
        (*ASKED, "state"),
    )
    WINDOW_FEATURES = (
        "leeway_window_features",
        "Features of the last judged window by state, those that are left out below too.",
        (*ASKED, "state"),
    )
    LEFT_OUT = (
        "leeway_window_features_left_out",
        "Features of the last judged window without series of their own: LEEWAY_METRICS_FEATURES.",
        ASKED,
    )
    WINDOW_ROWS = ("leeway_window_rows", "Rows of the last judged window.", ASKED)
    WINDOW_MISSING = (
        "leeway_window_missing_rows",
        "Rows of the last judged window that its sources sent and that never came, at least.",
        ASKED,
    )
    COVERAGE = (
        "leeway_window_coverage_ratio",
        "Share that the last judged window holds of the rows its sources sent, where they said so.",
        ASKED,
    )
    GAP = (
        "leeway_window_gap_seconds",
        "Event time without any row between the last judged window and the one before it.",
        ASKED,
    )
    WINDOW_END = (
        "leeway_window_end_timestamp_seconds",
        "End of the last judged window, in event time.",
        ASKED,
    )
    JUDGED = (
        "leeway_window_judged_timestamp_seconds",
        "When the last judged window was judged.",
        ASKED,
    )
    VERDICTS = (
        "leeway_verdicts",
        "Verdicts on windows since this replica began to look; the exemplar is the last one's id.",
        (*ASKED, "state"),
        C,
    )
    OPEN = ("leeway_windows_open", "Windows that wait to be judged.", VERSION)
    OLDEST_OPEN = (
        "leeway_windows_open_oldest_end_timestamp_seconds",
        "End of the oldest window that waits to be judged, in event time; absent where none waits.",
        VERSION,
    )
    LATENESS = (
        "leeway_windows_open_lateness_seconds",
        "For how long windows that wait to be judged take late rows.",
        VERSION,
    )
    ROLE = ("leeway_version_info", "Role of a version; always 1.", (*VERSION, "role"))
    MONITOR = (
        "leeway_monitor_info",
        "Kind and severity of an enabled monitor; always 1.",
        ("model", "monitor", "kind", "severity"),
    )
    FIRING = (
        "leeway_alert_firing",
        "1 while an alert fires; segment is empty for all rows.",
        (*VERSION, "segment", "monitor", "severity"),
    )
    ALERTS_LEFT_OUT = (
        "leeway_alerts_left_out",
        "Alerts beyond 10,000 that have no series; those that fire come first.",
        (),
    )
    CHAMPION_SINCE = (
        "leeway_champion_since_timestamp_seconds",
        "When the champion became known or was promoted; time() less this is its age.",
        VERSION,
    )
    CHAMPION_AGE = (
        "leeway_champion_maximum_age_seconds",
        "Age at which a champion is to be retrained, where one is declared.",
        MODEL,
    )
    RETRAININGS = (
        "leeway_retrainings",
        "Retrainings that were asked for, by the state that they are in.",
        ("model", "state"),
    )
    RETRAINING_STATE = (
        "leeway_retraining_state",
        "1 for the state of a model's last retraining, 0 for the others; absent before the first.",
        ("model", "state"),
    )
    RETRAINING_CHANGED = (
        "leeway_retraining_changed_timestamp_seconds",
        "When the last retraining came into its state.",
        MODEL,
    )
    RECEIVED = (
        "leeway_ingest_rows_received",
        "Rows received: the sum of all results.",
        VERSION,
        C,
    )
    RESULTS = (
        "leeway_ingest_rows",
        "Rows received, by what became of them.",
        (*VERSION, "result"),
        C,
    )
    UNCHECKED = (
        "leeway_ingest_rows_not_deduplicated",
        "Rows counted without a look whether they had been before: too many ids are remembered.",
        VERSION,
        C,
    )
    BATCHES = (
        "leeway_ingest_batches",
        "Batches that were answered with a receipt.",
        VERSION,
        C,
    )
    LATEST_EVENT = (
        "leeway_ingest_latest_event_timestamp_seconds",
        "Largest event time received.",
        VERSION,
    )
    LAST_COMMIT = (
        "leeway_ingest_last_commit_timestamp_seconds",
        "When rows were last committed.",
        VERSION,
    )
    REJECTED = (
        "leeway_rejected_batches",
        "Batches that were refused, by reason.",
        ("model", "reason"),
        C,
    )
    ROW_IDS = ("leeway_row_ids", "About how many row ids are remembered.", ())
    ROW_ID_LIMIT = ("leeway_row_ids_limit", "How many row ids may be remembered.", ())
    OBJECTS = (
        "leeway_source_objects",
        "Objects of a source; found are those that wait or are being read.",
        (*SOURCE, "state"),
    )
    OBJECT_ROWS = ("leeway_source_rows", "Rows of counted objects.", SOURCE, C)
    OBJECT_BYTES = ("leeway_source_bytes", "Bytes of counted objects.", SOURCE, C)
    LOOKED = (
        "leeway_source_last_look_timestamp_seconds",
        "When the last listing of a source began.",
        SOURCE,
    )
    LOOK_FAILED = (
        "leeway_source_look_failed",
        "1 while the last listing did not come to its end.",
        SOURCE,
    )
    WAITING_SINCE = (
        "leeway_source_waiting_since_timestamp_seconds",
        "When the first of the objects that wait was seen; absent where none waits.",
        SOURCE,
    )
    PENDING = ("leeway_deliveries_pending", "Deliveries that wait to be made.", ())
    DELIVERIES = (
        "leeway_deliveries",
        "Deliveries to a target by the state that they are in; dead ones were given up.",
        ("target", "state"),
    )
    DELIVERY_WAITING = (
        "leeway_deliveries_waiting_since_timestamp_seconds",
        "When the first of the deliveries that wait was made; absent where none waits.",
        ("target",),
    )
    TARGET_ENABLED = (
        "leeway_target_enabled",
        "1 while events are sent to a target, 0 once it was switched off.",
        ("target",),
    )
    TARGET_GONE = (
        "leeway_target_gone",
        "1 while a target is off because it answered 410, and not because its owner wants it so.",
        ("target",),
    )
    BUILD = ("leeway_build_info", "The running version; always 1.", ("leeway_version",), G, OWN)
    REQUESTS = (
        "leeway_http_requests",
        "Requests answered, by the template of their route; 499: the client left before.",
        (*REQUEST, "status"),
        C,
        OWN,
    )
    DURATION = (
        "leeway_http_request_duration_seconds",
        "From the head of a request to the end of its answer.",
        REQUEST,
        H,
        OWN,
    )
    REFUSED = (
        "leeway_http_refused",
        "Requests answered with an error, by route; without one, those that the server refused.",
        ("route", "status"),
        C,
        OWN,
    )

    def __init__(
        self,
        series: str,
        meaning: str,
        labels: tuple[str, ...],
        kind: Kind = Kind.GAUGE,
        scope: Scope = Scope.STORED,
    ) -> None:
        self.series = series
        self.meaning = meaning
        self.labels = labels
        self.kind = kind
        self.scope = scope
        self.sample = f"{series}_total" if kind is Kind.COUNTER else series
        """Name of its samples, as queries spell it; the parts of histograms end otherwise."""


RESULTS = ("counted", "duplicate", "late", "rejected")
