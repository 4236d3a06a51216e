"""Drives kafka-python by calls on stdin: see calls.ts."""
import json
import os
import sys
import threading

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import KafkaError, for_code
from kafka.structs import OffsetAndMetadata

ANSWERS = threading.Lock()
# What Kafka calls otherwise by now.
OLD_NAMES = {"MESSAGE_SIZE_TOO_LARGE": "MESSAGE_TOO_LARGE"}


class NotOffered(Exception):
    """The client has no way to do this; the message says why."""


class Reading:
    """A consumer and the one thread that may touch it, which polls all the time."""

    def __init__(self, consumer):
        self.consumer = consumer
        self.changed = threading.Condition()
        self.records = []
        self.behind = {}
        self.assigned = []
        self.failure = None
        self.task = None
        self.is_closed = False
        threading.Thread(target=self.poll, daemon=True).start()

    def poll(self):
        while not self.is_closed:
            polled = {}
            try:
                polled = self.consumer.poll(timeout_ms=50)
            except KafkaError as error:
                self.failure = error
            with self.changed:
                for records in polled.values():
                    self.records.extend(records)
                self.assigned = [each.partition for each in self.consumer.assignment()]
                if self.task is not None:
                    task, self.task = self.task, None
                    task()
                self.changed.notify_all()

    def perform(self, task):
        """Has the polling thread do this between two polls."""
        failures = []

        def attempt():
            try:
                task()
            except KafkaError as error:
                failures.append(error)

        with self.changed:
            self.task = attempt
            self.changed.wait_for(lambda: self.task is None)
        if failures:
            raise failures[0]

    def take(self, count):
        with self.changed:
            self.changed.wait_for(lambda: len(self.records) >= count or self.failure is not None)
            if len(self.records) < count:
                raise self.failure
            taken, self.records = self.records[:count], self.records[count:]
        for record in taken:
            self.behind[record.partition] = record.offset + 1
        return [tell(record) for record in taken]

    def commit(self):
        offsets = {partition: OffsetAndMetadata(offset, "") for partition, offset in self.behind.items()}
        topic = next(iter(self.consumer.subscription()))
        self.perform(
            lambda: self.consumer.commit({TopicPartition(topic, each): at for each, at in offsets.items()})
        )

    def close(self):
        def end():
            self.is_closed = True
            self.consumer.close(autocommit=False)

        self.perform(end)


def tell(record):
    return {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": decoded(record.key),
        "value": decoded(record.value),
        "headers": {name: decoded(value) for name, value in sorted(record.headers)},
    }


def decoded(value):
    return None if value is None else value.decode()


def encoded(value):
    return None if value is None else value.encode()


class Client:
    def __init__(self):
        self.readers = {}
        self.member = None
        self.connected = None

    @property
    def admin(self):
        if self.connected is None:
            self.connected = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        return self.connected

    def hello(self, bootstrap):
        self.bootstrap = bootstrap
        return {"version": kafka.__version__}

    def produce(self, topic, partition, codec, acks, isIdempotent, records):
        if isIdempotent:
            raise NotOffered("its producer has no idempotence")
        producer = KafkaProducer(
            bootstrap_servers=self.bootstrap,
            compression_type=None if codec == "none" else codec,
            acks="all" if acks == -1 else acks,
            linger_ms=20,
            retries=10,
            max_request_size=10_000_000,
        )
        try:
            sent = [
                producer.send(
                    topic,
                    key=encoded(record["key"]),
                    value=encoded(record["value"]),
                    headers=[(name, encoded(value)) for name, value in record["headers"].items()],
                    partition=partition,
                )
                for record in records
            ]
            producer.flush(30)
            for each in sent:
                each.get(30)
        finally:
            producer.close(30)

    def open(self, reader, topic, partition, **given):
        start = given["from"]
        consumer = KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=None,
            auto_offset_reset="none",
            enable_auto_commit=False,
            fetch_max_wait_ms=100,
        )
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        if start == "earliest":
            consumer.seek_to_beginning(place)
        elif start == "latest":
            consumer.seek_to_end(place)
        elif "timestamp" in start:
            consumer.seek(place, consumer.offsets_for_times({place: start["timestamp"]})[place].offset)
        else:
            consumer.seek(place, start["offset"])
        consumer.position(place)
        self.readers[reader] = Reading(consumer)

    def read(self, reader, count):
        return self.readers[reader].take(count)

    def close(self, reader):
        self.readers.pop(reader).close()

    def join(self, group, topic, sessionTimeoutMs):
        consumer = KafkaConsumer(
            topic,
            bootstrap_servers=self.bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=sessionTimeoutMs,
            heartbeat_interval_ms=300,
            fetch_max_wait_ms=100,
        )
        self.member = Reading(consumer)

    def assigned(self):
        return self.member.assigned

    def take(self, count):
        return self.member.take(count)

    def commit(self):
        self.member.commit()

    def leave(self):
        self.member.close()

    def createTopic(self, topic, partitionCount, configs):
        self.admin.create_topics([NewTopic(topic, partitionCount, 1, topic_configs=configs)])

    def topics(self):
        return self.admin.list_topics()

    def partitionCount(self, topic):
        described = self.admin.describe_topics([topic])[0]
        must_succeed(described["error_code"])
        return len(described["partitions"])

    def configs(self, topic):
        (response,) = self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        (resource,) = response.resources
        return {entry[0]: entry[1] for entry in resource[4]}

    def setConfig(self, topic, name, value):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: value})
        for resource in self.admin.alter_configs([resource]).resources:
            must_succeed(resource[0])

    def addPartitions(self, topic, partitionCount):
        self.admin.create_partitions({topic: NewPartitions(partitionCount)})

    def offsets(self, topic, partition):
        place = TopicPartition(topic, partition)
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, group_id=None)
        try:
            return {
                "earliest": consumer.beginning_offsets([place])[place],
                "latest": consumer.end_offsets([place])[place],
            }
        finally:
            consumer.close()

    def groups(self):
        return [group for group, _ in self.admin.list_consumer_groups()]

    def group(self, group):
        (described,) = self.admin.describe_consumer_groups([group])
        return {"state": described.state, "memberCount": len(described.members)}

    def committed(self, group, topic):
        return self.admin.list_consumer_group_offsets(group)[TopicPartition(topic, 0)].offset

    def deleteGroup(self, group):
        for _, error in self.admin.delete_consumer_groups([group]):
            must_succeed(error.errno)

    def deleteTopic(self, topic):
        self.admin.delete_topics([topic])


def must_succeed(code):
    if code != 0:
        raise for_code(code)()


def kafka_name_of(error):
    """Its errors tell Kafka's name of them as their message, or have their own."""
    name = getattr(error, "message", None) if getattr(error, "errno", -1) > 0 else None
    return OLD_NAMES.get(name, name)


def answer(client, call):
    said = {"id": call.pop("id")}
    name = call.pop("call")
    try:
        handler = getattr(client, name, None)
        if handler is None:
            raise NotOffered(f"the client has nothing for '{name}'")
        said["result"] = handler(**call)
    except NotOffered as reason:
        said["notOffered"] = str(reason)
    except Exception as error:  # whatever it is belongs into the report
        said["error"] = {"kafka": kafka_name_of(error), "text": repr(error)}
    with ANSWERS:
        print(json.dumps(said), flush=True)


def main():
    client = Client()
    for line in sys.stdin:
        threading.Thread(target=answer, args=(client, json.loads(line)), daemon=True).start()
    os._exit(0)


main()
