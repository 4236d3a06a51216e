import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Exit;

/** Drives the official Java client, and its command-line tools, by calls on stdin: see {@code calls.ts}. */
public final class JavaDriver {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Ours alone; what tools print goes elsewhere. */
    private static final PrintStream ANSWERS = System.out;

    private final Map<String, Reading> readers = new ConcurrentHashMap<>();
    private final Map<String, Handler> calls = new HashMap<>();
    private String bootstrap;
    private Admin admin;
    private Reading member;
    private String memberTopic;

    /** Performs one call. Null is an answer as good as any. */
    private interface Handler {
        Object perform(JsonNode given) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        JavaDriver driver = new JavaDriver();
        ExecutorService pool = Executors.newCachedThreadPool();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode call = JSON.readTree(line);
            pool.submit(() -> driver.answer(call));
        }
        Runtime.getRuntime().halt(0);
    }

    private JavaDriver() {
        calls.put("hello", this::hello);
        calls.put("produce", this::produce);
        calls.put("open", this::open);
        calls.put("read", given -> readers.get(text(given, "reader")).take(given.get("count").intValue()).get());
        calls.put("close", given -> readers.remove(text(given, "reader")).close());
        calls.put("join", this::join);
        calls.put("assigned", given -> member.assigned);
        calls.put("take", given -> member.take(given.get("count").intValue()).get());
        calls.put("commit", given -> member.commit(memberTopic));
        calls.put("leave", given -> member.close());
        administer();
        calls.put("tool", this::tool);
    }

    private void answer(JsonNode call) {
        ObjectNode said = JSON.createObjectNode().put("id", call.get("id").intValue());
        try {
            Handler handler = calls.get(text(call, "call"));
            if (handler == null) said.put("notOffered", "there is nothing for '" + text(call, "call") + "'");
            else said.set("result", JSON.valueToTree(handler.perform(call)));
        } catch (Throwable thrown) {
            Throwable error = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
            said.putObject("error").put("kafka", kafkaNameOf(error)).put("text", error.toString());
        }
        synchronized (ANSWERS) {
            ANSWERS.println(said);
            ANSWERS.flush();
        }
    }

    private static String kafkaNameOf(Throwable error) {
        // The consumer has a class of its own for this one.
        if (error instanceof OffsetOutOfRangeException) return Errors.OFFSET_OUT_OF_RANGE.name();
        Errors kafka = Errors.forException(error);
        return kafka == Errors.UNKNOWN_SERVER_ERROR ? null : kafka.name();
    }

    private Object hello(JsonNode given) {
        bootstrap = text(given, "bootstrap");
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        return Map.of("version", AppInfoParser.getVersion());
    }

    private Object produce(JsonNode given) throws Exception {
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", bootstrap,
            "compression.type", text(given, "codec"),
            "acks", given.get("acks").asText(),
            "enable.idempotence", given.get("isIdempotent").booleanValue(),
            "linger.ms", 20,
            "max.request.size", 10_000_000,
            "buffer.memory", 40_000_000));
        List<Future<?>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (JsonNode each : given.get("records")) {
                var record = new ProducerRecord<>(text(given, "topic"), given.get("partition").intValue(),
                    each.get("key").textValue(), each.get("value").textValue());
                each.get("headers").properties().forEach(header ->
                    record.headers().add(header.getKey(), bytes(header.getValue().textValue())));
                sent.add(producer.send(record));
            }
            producer.flush();
        }
        for (Future<?> each : sent) each.get();
        return null;
    }

    private Object open(JsonNode given) throws Exception {
        TopicPartition partition = new TopicPartition(text(given, "topic"), given.get("partition").intValue());
        Reading reading = new Reading(Map.of("auto.offset.reset", "none"));
        readers.put(text(given, "reader"), reading);
        return reading.perform(() -> {
            reading.consumer.assign(List.of(partition));
            seek(reading.consumer, partition, given.get("from"));
            return reading.consumer.position(partition);
        });
    }

    private static void seek(KafkaConsumer<String, String> consumer, TopicPartition partition, JsonNode from) {
        if (from.has("offset")) {
            consumer.seek(partition, from.get("offset").longValue());
        } else if (from.has("timestamp")) {
            long timestamp = from.get("timestamp").longValue();
            consumer.seek(partition, consumer.offsetsForTimes(Map.of(partition, timestamp)).get(partition).offset());
        } else if (from.textValue().equals("latest")) {
            consumer.seekToEnd(List.of(partition));
        } else {
            consumer.seekToBeginning(List.of(partition));
        }
    }

    private Object join(JsonNode given) throws Exception {
        memberTopic = text(given, "topic");
        member = new Reading(Map.of(
            "group.id", text(given, "group"),
            "auto.offset.reset", "earliest",
            "session.timeout.ms", given.get("sessionTimeoutMs").intValue(),
            "heartbeat.interval.ms", 300));
        return member.perform(() -> {
            member.consumer.subscribe(List.of(memberTopic), member);
            return null;
        });
    }

    private void administer() {
        calls.put("createTopic", given -> {
            Map<String, String> configs = new HashMap<>();
            given.get("configs").properties().forEach(each -> configs.put(each.getKey(), each.getValue().textValue()));
            NewTopic topic = new NewTopic(
                text(given, "topic"), Optional.of(given.get("partitionCount").intValue()), Optional.empty());
            return admin.createTopics(List.of(topic.configs(configs))).all().get();
        });
        calls.put("topics", given -> admin.listTopics().names().get());
        calls.put("partitionCount", given -> admin.describeTopics(List.of(text(given, "topic")))
            .allTopicNames().get().get(text(given, "topic")).partitions().size());
        calls.put("configs", given -> {
            Map<String, String> told = new HashMap<>();
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, text(given, "topic"));
            for (ConfigEntry entry : admin.describeConfigs(List.of(topic)).all().get().get(topic).entries())
                told.put(entry.name(), entry.value());
            return told;
        });
        calls.put("setConfig", given -> {
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, text(given, "topic"));
            ConfigEntry entry = new ConfigEntry(text(given, "name"), text(given, "value"));
            AlterConfigOp set = new AlterConfigOp(entry, AlterConfigOp.OpType.SET);
            return admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
        });
        calls.put("addPartitions", given -> admin.createPartitions(Map.of(
            text(given, "topic"), NewPartitions.increaseTo(given.get("partitionCount").intValue()))).all().get());
        calls.put("deleteRecords", given -> admin.deleteRecords(Map.of(
            partitionOf(given), RecordsToDelete.beforeOffset(given.get("beforeOffset").longValue()))).all().get());
        calls.put("offsets", given -> Map.of(
            "earliest", offset(partitionOf(given), OffsetSpec.earliest()),
            "latest", offset(partitionOf(given), OffsetSpec.latest())));
        calls.put("groups", given ->
            admin.listGroups().all().get().stream().map(group -> group.groupId()).toList());
        calls.put("group", given -> {
            String id = text(given, "group");
            var group = admin.describeConsumerGroups(List.of(id)).all().get().get(id);
            return Map.of("state", group.groupState().toString(), "memberCount", group.members().size());
        });
        calls.put("committed", given -> admin.listConsumerGroupOffsets(text(given, "group"))
            .partitionsToOffsetAndMetadata().get().get(new TopicPartition(text(given, "topic"), 0)).offset());
        calls.put("deleteGroup", given -> admin.deleteConsumerGroups(List.of(text(given, "group"))).all().get());
        calls.put("deleteTopic", given -> admin.deleteTopics(List.of(text(given, "topic"))).all().get());
    }

    private long offset(TopicPartition partition, OffsetSpec which) throws Exception {
        return admin.listOffsets(Map.of(partition, which)).all().get().get(partition).offset();
    }

    /** Runs the main method of a tool to its end, in this process, with {@code $BOOTSTRAP} filled in. */
    private Object tool(JsonNode given) throws Exception {
        List<String> args = new ArrayList<>();
        given.get("args").forEach(arg -> args.add(arg.textValue()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setIn(new ByteArrayInputStream(bytes(text(given, "stdin"))));
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        // Tools catch everything and exit again: the first code is the one that a process would have ended with.
        AtomicInteger exitCode = new AtomicInteger(-1);
        Exit.setExitProcedure((code, message) -> {
            exitCode.compareAndSet(-1, code);
            throw new Exited();
        });
        List<Runnable> hooks = new ArrayList<>();
        Exit.setShutdownHookAdder((name, hook) -> hooks.add(hook));
        try {
            Class.forName(text(given, "name")).getMethod("main", String[].class)
                .invoke(null, (Object) args.toArray(String[]::new));
        } catch (InvocationTargetException thrown) {
            if (!(thrown.getCause() instanceof Exited)) throw thrown;
        } finally {
            // The console producer sends what it still has when the process ends.
            hooks.forEach(Runnable::run);
        }
        return Map.of("exitCode", Math.max(exitCode.get(), 0), "stdout", out.toString(StandardCharsets.UTF_8),
            "stderr", err.toString(StandardCharsets.UTF_8));
    }

    /** What a tool's call of exit becomes. */
    private static final class Exited extends RuntimeException {
    }

    private static TopicPartition partitionOf(JsonNode given) {
        return new TopicPartition(text(given, "topic"), given.get("partition").intValue());
    }

    private static String text(JsonNode given, String name) {
        return given.get(name).textValue();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A consumer and the one thread that may touch it, which polls all the time. */
    private final class Reading implements ConsumerRebalanceListener {
        final KafkaConsumer<String, String> consumer;
        volatile Set<Integer> assigned = Set.of();
        private final Set<Integer> partitions = ConcurrentHashMap.newKeySet();
        private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        private final Deque<ConsumerRecord<String, String>> records = new ArrayDeque<>();
        private final Map<Integer, Long> behind = new HashMap<>();
        private Throwable failure;
        private volatile boolean isClosed;

        Reading(Map<String, Object> more) {
            Map<String, Object> config = new HashMap<>(Map.of(
                "bootstrap.servers", bootstrap, "enable.auto.commit", false, "fetch.max.wait.ms", 100));
            config.putAll(more);
            consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
            Thread thread = new Thread(this::poll);
            thread.setDaemon(true);
            thread.start();
        }

        private void poll() {
            while (!isClosed) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
                if (isClosed || (consumer.assignment().isEmpty() && consumer.subscription().isEmpty())) {
                    Thread.onSpinWait();
                    continue;
                }
                try {
                    add(consumer.poll(Duration.ofMillis(50)));
                } catch (Throwable error) {
                    fail(error);
                    return;
                }
            }
        }

        private synchronized void add(Iterable<ConsumerRecord<String, String>> polled) {
            polled.forEach(records::add);
            notifyAll();
        }

        private synchronized void fail(Throwable error) {
            failure = error;
            notifyAll();
        }

        /** Has the polling thread do this between two polls. */
        <T> T perform(Callable<T> task) throws Exception {
            CompletableFuture<T> done = new CompletableFuture<>();
            tasks.add(() -> {
                try {
                    done.complete(task.call());
                } catch (Throwable error) {
                    done.completeExceptionally(error);
                }
            });
            return done.get();
        }

        synchronized Future<List<Map<String, Object>>> take(int count) throws InterruptedException {
            while (records.size() < count && failure == null) wait();
            if (records.size() < count) return CompletableFuture.failedFuture(failure);
            List<Map<String, Object>> taken = new ArrayList<>();
            for (int index = 0; index < count; index++) {
                ConsumerRecord<String, String> record = records.poll();
                behind.put(record.partition(), record.offset() + 1);
                taken.add(tell(record));
            }
            return CompletableFuture.completedFuture(taken);
        }

        private static Map<String, Object> tell(ConsumerRecord<String, String> record) {
            Map<String, String> headers = new TreeMap<>();
            for (Header header : record.headers())
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            Map<String, Object> told = new HashMap<>();
            told.put("partition", record.partition());
            told.put("offset", record.offset());
            told.put("timestamp", record.timestamp());
            told.put("key", record.key());
            told.put("value", record.value());
            told.put("headers", headers);
            return told;
        }

        Object commit(String topic) throws Exception {
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            behind.forEach((partition, offset) ->
                offsets.put(new TopicPartition(topic, partition), new OffsetAndMetadata(offset)));
            return perform(() -> {
                consumer.commitSync(offsets);
                return null;
            });
        }

        Object close() throws Exception {
            if (failure != null) return null;
            return perform(() -> {
                isClosed = true;
                consumer.close();
                return null;
            });
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> added) {
            added.forEach(each -> partitions.add(each.partition()));
            assigned = Set.copyOf(partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            revoked.forEach(each -> partitions.remove(each.partition()));
            assigned = Set.copyOf(partitions);
        }
    }
}
