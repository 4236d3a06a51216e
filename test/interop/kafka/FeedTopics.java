import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.server.log.remote.metadata.storage.serialization.RemoteLogMetadataSerde;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentId;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;

/**
 * Feeds a broker with everything that a log can hold, in steps, so that the broker can be stopped, or killed, in
 * between: {@code FeedTopics BOOTSTRAP STEP...}
 *
 * <pre>
 * create          the topics
 * feed=ROUND      every codec, headers, nulls, transactions, repeated keys; a round each
 * compact         wait until the cleaner has been at work
 * trim=OFFSET     delete what comes before OFFSET in the topic "trimmed"
 * group           offsets committed by a group, records acknowledged by a share group
 * tier            metadata of segments in remote storage, as a tiered broker keeps it
 * append=TOPIC    three records
 * open            a transaction that nobody ends; the last step
 * </pre>
 */
public class FeedTopics {
    static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    static final Map<String, String> SMALL_SEGMENTS =
        Map.of("internal.segment.bytes", "4500", "segment.index.bytes", "4096", "index.interval.bytes", "500");
    static String bootstrap;

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        for (int i = 1; i < args.length; i++) take(args[i].split("=")[0], args[i].replaceFirst("^[^=]*=?", ""));
        System.exit(0);
    }

    static void take(String step, String argument) throws Exception {
        switch (step) {
            case "create" -> create();
            case "feed" -> feed(Integer.parseInt(argument));
            case "compact" -> awaitCompaction();
            case "trim" -> trim(Long.parseLong(argument));
            case "group" -> { commitOffsets(); acknowledgeShares(); }
            case "tier" -> tier();
            case "append" -> append(argument);
            case "open" -> openTransaction();
            default -> throw new IllegalArgumentException(step);
        }
    }

    static void create() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(
                topic("codecs"), topic("transactions"), topic("trimmed"),
                topic("stamped", "message.timestamp.type", "LogAppendTime"),
                topic("compacted", "cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.001"),
                topic("adopted"), topic("remote-log-metadata"))).all().get();
        }
    }

    static NewTopic topic(String name, String... configs) {
        Map<String, String> all = new HashMap<>(SMALL_SEGMENTS);
        for (int i = 0; i < configs.length; i += 2) all.put(configs[i], configs[i + 1]);
        return new NewTopic(name, 1, (short) 1).configs(all);
    }

    static void feed(int round) throws Exception {
        for (String codec : CODECS) feedCodec(codec, round);
        for (String codec : CODECS) feedTransactions(codec, round);
        for (int pass = 0; pass < 4; pass++) feedKeys(round, pass);
        feedPlain(Map.of(), "stamped", round, 20);
        feedPlain(Map.of(), "trimmed", round, 60);
    }

    /** Batches of several records, some that one codec cannot make smaller and some of one byte over and over. */
    static void feedCodec(String codec, int round) throws Exception {
        try (var producer = producer(Map.of("compression.type", codec, "linger.ms", 50, "batch.size", 1200))) {
            for (int i = 0; i < 20; i++) send(producer, record("codecs", codec, round, i));
        }
        // Not idempotent, and a record by itself.
        try (var producer = producer(Map.of("compression.type", codec, "enable.idempotence", false, "acks", "1"))) {
            producer.send(record("codecs", codec, round, 1000)).get();
        }
    }

    /** Every fifth kind of record lacks something: a key, a value, a header's value. */
    static ProducerRecord<String, String> record(String topic, String codec, int round, int i) {
        String key = i % 5 == 0 ? null : "key-" + i % 7;
        String value = i % 11 == 3 ? null : i % 11 == 4 ? "" : "a".repeat(i * 13 % 120) + " žluťoučký 🐎 " + i + "/" + round;
        var record = new ProducerRecord<>(topic, null, null, key, value);
        if (i % 3 == 0) record.headers().add(new RecordHeader("codec", codec.getBytes()));
        if (i % 6 == 0) record.headers().add(new RecordHeader("nothing", (byte[]) null)).add(new RecordHeader("codec", new byte[0]));
        return record;
    }

    static void feedPlain(Map<String, Object> config, String topic, int round, int count) {
        try (var producer = producer(config)) {
            for (int i = 0; i < count; i++) send(producer, record(topic, "none", round, i));
        }
    }

    /** Without waiting for it; a record that is refused ends the program. */
    static void send(KafkaProducer<String, String> producer, ProducerRecord<String, String> record) {
        producer.send(record, (metadata, error) -> {
            if (error == null) return;
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
    }

    /** Two producers at a time, whose transactions overlap; one commits, the other aborts, and then the other way round. */
    static void feedTransactions(String codec, int round) throws Exception {
        Map<String, Object> config = Map.of("compression.type", codec, "linger.ms", 2);
        try (var one = transactional("one-" + codec, config); var other = transactional("other-" + codec, config)) {
            for (int turn = 0; turn < 2; turn++) {
                one.beginTransaction();
                other.beginTransaction();
                for (int i = 0; i < 6; i++) (i % 2 == 0 ? one : other).send(record("transactions", codec, round, i + turn)).get();
                for (int i = 0; i < 4; i++) send(one, keyed("compacted", i, "transaction " + turn + " of " + round));
                // An abort drops what was not sent yet.
                one.flush();
                if (turn == 0) one.commitTransaction(); else one.abortTransaction();
                feedPlain(Map.of("compression.type", codec), "transactions", round, 3);
                if (turn == 0) other.abortTransaction(); else other.commitTransaction();
            }
        }
    }

    /** The same keys again and again, some of them deleted at the end. */
    static void feedKeys(int round, int pass) {
        try (var producer = producer(Map.of("linger.ms", 20, "compression.type", CODECS.get(pass)))) {
            for (int i = 0; i < 30; i++)
                send(producer, keyed("compacted", i, pass == 3 && i % 4 == 0 ? null : "pass " + pass + " of " + round + " " + "x".repeat(i)));
        }
    }

    static ProducerRecord<String, String> keyed(String topic, int key, String value) {
        return new ProducerRecord<>(topic, "key-" + key, value);
    }

    /** Until the first record has been overtaken, and nothing has changed for a second. */
    static void awaitCompaction() throws Exception {
        List<Long> before = List.of();
        for (int left = 60; left > 0; left--) {
            List<Long> offsets = offsetsOf("compacted");
            if (offsets.get(0) > 0 && offsets.equals(before)) return;
            before = offsets;
            Thread.sleep(1000);
        }
        throw new IllegalStateException("the cleaner did not clean");
    }

    static List<Long> offsetsOf(String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<Long> offsets = new ArrayList<>();
        try (var consumer = consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) consumer.poll(Duration.ofMillis(200)).forEach(record -> offsets.add(record.offset()));
        }
        return offsets;
    }

    static void trim(long offset) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.deleteRecords(Map.of(new TopicPartition("trimmed", 0), RecordsToDelete.beforeOffset(offset))).all().get();
        }
    }

    static void commitOffsets() throws Exception {
        TopicPartition partition = new TopicPartition("codecs", 0);
        try (var consumer = consumer(Map.of("group.id", "readers", "auto.offset.reset", "earliest"));
             var producer = transactional("offsets", Map.of())) {
            consumer.subscribe(List.of("codecs"));
            while (consumer.poll(Duration.ofMillis(200)).isEmpty()) { }
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(7, "seven")));
            ConsumerGroupMetadata group = consumer.groupMetadata();
            for (int turn = 0; turn < 2; turn++) {
                producer.beginTransaction();
                producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(10 + turn)), group);
                if (turn == 0) producer.commitTransaction(); else producer.abortTransaction();
            }
        }
        try (var consumer = consumer(Map.of("group.id", "new-readers", "group.protocol", "consumer", "auto.offset.reset", "earliest"))) {
            consumer.subscribe(List.of("codecs"));
            while (consumer.poll(Duration.ofMillis(200)).isEmpty()) { }
            consumer.commitSync();
        }
    }

    static void acknowledgeShares() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            var earliest = new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, "sharers"), List.of(earliest))).all().get();
        }
        try (var consumer = new KafkaShareConsumer<>(Map.of("bootstrap.servers", bootstrap, "group.id", "sharers"),
                new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(Set.of("stamped"));
            while (consumer.poll(Duration.ofMillis(200)).isEmpty()) { }
            consumer.commitSync();
        }
    }

    static void tier() throws Exception {
        var partition = new TopicIdPartition(new Uuid(1, 2), new TopicPartition("codecs", 0));
        try (var producer = new KafkaProducer<byte[], byte[]>(Map.of("bootstrap.servers", bootstrap), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < 3; i++) {
                var segment = new RemoteLogSegmentMetadata(new RemoteLogSegmentId(partition, new Uuid(3, i)), i * 10, i * 10 + 9,
                    1_700_000_000_000L + i, 1, 1_700_000_000_000L, 5000, Map.of(0, i * 10L));
                producer.send(new ProducerRecord<>("remote-log-metadata", new RemoteLogMetadataSerde().serialize(segment))).get();
            }
        }
    }

    /** Records are in the log, and the process ends without a word to the coordinator. */
    static void openTransaction() throws Exception {
        var producer = transactional("left-open", Map.of());
        producer.beginTransaction();
        for (int i = 0; i < 5; i++) producer.send(record("transactions", "none", 9, i)).get();
        feedPlain(Map.of(), "transactions", 9, 3);
        feedPlain(Map.of(), "codecs", 9, 30);
        Runtime.getRuntime().halt(0);
    }

    static void append(String topic) throws Exception {
        try (var producer = producer(Map.of())) {
            for (int i = 1; i <= 3; i++) producer.send(record(topic, "none", 0, i)).get();
        }
    }

    /** Batches must fit the small segments. */
    static KafkaProducer<String, String> producer(Map<String, Object> config) {
        Map<String, Object> all = new HashMap<>(Map.of("batch.size", 2500));
        all.putAll(config);
        all.put("bootstrap.servers", bootstrap);
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    static KafkaProducer<String, String> transactional(String id, Map<String, Object> config) {
        Map<String, Object> all = new HashMap<>(config);
        all.put("transactional.id", id);
        var producer = producer(all);
        producer.initTransactions();
        return producer;
    }

    static KafkaConsumer<String, String> consumer(Map<String, Object> config) {
        Map<String, Object> all = new HashMap<>(config);
        all.put("bootstrap.servers", bootstrap);
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }
}
