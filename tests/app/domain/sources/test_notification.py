"""Messages about new objects, in the shapes that stores and queues really send."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.domain.sources.notification import Hint, hints, matches

TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "x", "Bucket": "evlogs"}
RECORD = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": "evlogs", "arn": "arn:aws:s3:::evlogs"},
                "object": {"key": "m%3Dfraud%2Fdt+1%2Fa%2Bb.parquet", "size": 1},
            },
        }
    ]
}
HINT = Hint("evlogs", "m=fraud/dt 1/a+b.parquet")
EVENTBRIDGE = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "evlogs"}, "object": {"key": "m=fraud/dt 1/a+b.parquet"}},
}
SEAWEED = {
    "event_type": "create",
    "key": "/buckets/logs/m=fraud/p-00002.jsonl",
    "message": {"new_entry": {"name": "p-00002.jsonl", "attributes": {"file_size": 8}}},
}


def test_records_have_their_keys_decoded() -> None:
    assert hints(RECORD) == [HINT]


def test_a_test_event_names_nothing() -> None:
    assert hints(TEST_EVENT) == []


def test_queues_and_topics_carry_records_as_text() -> None:
    sns = {"Type": "Notification", "Message": json.dumps(RECORD)}
    assert hints(sns) == [HINT]
    assert hints({"Messages": [{"Body": json.dumps(RECORD)}]}) == [HINT]
    assert hints({"Records": [{"body": json.dumps(sns)}]}) == [HINT]
    assert hints({"Type": "SubscriptionConfirmation", "Message": "You have chosen"}) == []


def test_eventbridge_does_not_encode_keys() -> None:
    assert hints(EVENTBRIDGE) == [HINT]


def test_seaweedfs_says_the_path_of_its_filer() -> None:
    assert hints([SEAWEED]) == [Hint("logs", "m=fraud/p-00002.jsonl")]


def test_a_hint_is_about_a_prefix_of_its_bucket() -> None:
    assert matches(HINT, "evlogs", "m=fraud/dt")
    assert not matches(HINT, "evlogs", "m=other/")
    assert not matches(HINT, "logs", "m=fraud/")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["Records", "s3", "bucket", "name", "object", "key", "Message", "body"])
            | st.text(),
            inner,
        )
    ),
)


@given(JSON)
def test_whatever_comes_is_no_error(document: object) -> None:
    assert all(isinstance(part, str) for hint in hints(document) for part in hint)


def test_text_in_text_has_an_end() -> None:
    document: object = RECORD
    for _ in range(9):
        document = {"Message": json.dumps(document)}
    assert hints(document) == []
