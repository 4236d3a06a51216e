import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.apache.kafka.common.record.internal.FileLogInputStream.FileChannelRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.AbortedTxn;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Loads partition directories with Kafka's own loader, as a broker does when it starts, and tells what it then serves.
 * One request per line of standard input, one answer per line of standard output, both JSON:
 *
 * <pre>
 * {"directory", "clean", "recoveryPoint", "startOffset", "nowMs", "timestamps": [],
 *  "compact": {"firstDirtyOffset", "bufferBytes", "deleteRetentionMs"}}
 * {"startOffset", "endOffset", "stableOffset", "garbageBytes", "epochs", "producers", "aborted", "batches", "lookups", "readFault"}
 * {"refused": "why"}
 * </pre>
 */
public class LoadDirectories {
    static final ObjectMapper json = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine())
            out.println(json.writeValueAsString(answer(json.readTree(line))));
        System.exit(0);
    }

    static Map<String, Object> answer(JsonNode request) {
        try {
            UnifiedLog log = load(request);
            try {
                if (request.has("compact")) compact(log, request.get("compact"), request.get("nowMs").asLong());
                return tell(log, request.get("timestamps"));
            } finally {
                log.closeHandlers();
            }
        } catch (Throwable error) {
            return Map.of("refused", String.valueOf(error));
        }
    }

    static UnifiedLog load(JsonNode request) throws Exception {
        Map<String, Object> config = new HashMap<>(Map.of("internal.segment.bytes", 1 << 20, "segment.index.bytes", 1 << 16));
        if (request.has("compact")) {
            config.put("cleanup.policy", "compact");
            config.put("delete.retention.ms", request.get("compact").get("deleteRetentionMs").asLong());
        }
        return UnifiedLog.create(new File(request.get("directory").asText()), new LogConfig(config),
            request.get("startOffset").asLong(), request.get("recoveryPoint").asLong(), new AtOnce(), new BrokerTopicStats(),
            standingAt(request.get("nowMs").asLong()), 900_000, new ProducerStateManagerConfig(86_400_000, false), 600_000,
            new LogDirFailureChannel(1), request.get("clean").asBoolean(), Optional.empty());
    }

    /** One pass of the cleaner over all but the active segment, when the request asks for it. */
    static void compact(UnifiedLog log, JsonNode wanted, long nowMs) throws Exception {
        log.updateHighWatermark(log.logEndOffset());
        long end = Math.min(log.lastStableOffset(), log.activeSegment().baseOffset());
        Time time = standingAt(nowMs);
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(wanted.get("bufferBytes").asInt()), 1 << 16, 1 << 20, 0.9,
            new Throttler(Double.MAX_VALUE, 300, "cleaner", "bytes", time), time, partition -> { });
        cleaner.doClean(new LogToClean(log, wanted.get("firstDirtyOffset").asLong(), end, false), nowMs);
    }

    static Map<String, Object> tell(UnifiedLog log, JsonNode timestamps) throws Exception {
        log.updateHighWatermark(log.logEndOffset());
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("startOffset", log.logStartOffset());
        told.put("endOffset", log.logEndOffset());
        told.put("stableOffset", log.lastStableOffset());
        told.put("garbageBytes", garbageBytes(log.activeSegment()));
        told.put("epochs", log.leaderEpochCache().epochEntries().stream().map(e -> e.epoch() + "@" + e.startOffset()).toList());
        told.put("producers", producers(log));
        told.put("aborted", orFault(() -> log.collectAbortedTransactions(log.logStartOffset(), log.logEndOffset()).stream()
            .map(LoadDirectories::abortedText).toList()));
        told.put("lookups", lookups(log, timestamps));
        readAll(log, told);
        return told;
    }

    /** What stands behind the last batch of a segment, as far as it can be walked through. */
    static long garbageBytes(LogSegment segment) {
        long end = 0;
        try {
            for (FileChannelRecordBatch batch : segment.log().batches()) end = batch.position() + batch.sizeInBytes();
        } catch (RuntimeException error) {
            return segment.size() - end;
        }
        return segment.size() - end;
    }

    static List<String> producers(UnifiedLog log) {
        return log.producerStateManager().activeProducers().values().stream()
            .sorted(Comparator.comparingLong(ProducerStateEntry::producerId)).map(LoadDirectories::producerText).toList();
    }

    /** Of its batches the last, for no more than that is in a snapshot. */
    static String producerText(ProducerStateEntry entry) {
        BatchMetadata last = entry.batchMetadata().stream().reduce((one, next) -> next).orElse(null);
        return String.join(" ", "" + entry.producerId(), "epoch " + entry.producerEpoch(),
            "coordinator " + entry.coordinatorEpoch(), "at " + entry.lastTimestamp(),
            "open " + entry.currentTxnFirstOffset().orElse(-1),
            last == null ? "none" : last.firstSeq() + ".." + last.lastSeq() + " to " + last.lastOffset());
    }

    static String abortedText(AbortedTxn aborted) {
        return aborted.producerId() + " " + aborted.firstOffset() + ".." + aborted.lastOffset() + " stable " + aborted.lastStableOffset();
    }

    static List<String> lookups(UnifiedLog log, JsonNode timestamps) {
        List<String> found = new ArrayList<>();
        for (JsonNode timestamp : timestamps)
            found.addAll(orFault(() -> List.of(log.fetchOffsetByTimestamp(timestamp.asLong(), Optional.empty())
                .timestampAndOffsetOpt().map(at -> at.timestamp + "@" + at.offset).orElse("none"))));
        return found;
    }

    /** Batch by batch, so that each is found through the index. */
    static void readAll(UnifiedLog log, Map<String, Object> told) throws Exception {
        List<String> batches = new ArrayList<>();
        told.put("batches", batches);
        long offset = log.logStartOffset();
        try {
            while (offset < log.logEndOffset()) {
                long before = offset;
                for (RecordBatch batch : log.read(offset, 1, FetchIsolation.LOG_END, true).records.batches()) {
                    batches.add(batch.baseOffset() + ".." + batch.lastOffset() + " " + checksum(batch));
                    offset = Math.max(offset, batch.lastOffset() + 1);
                    break;
                }
                if (offset == before) throw new IllegalStateException("nothing is read at offset " + offset);
            }
        } catch (Exception error) {
            told.put("readFault", String.valueOf(error));
        }
    }

    /** Of all bytes of the batch, those included that its own checksum does not cover. */
    static String checksum(RecordBatch batch) {
        ByteBuffer bytes = ByteBuffer.allocate(batch.sizeInBytes());
        batch.writeTo(bytes);
        CRC32C crc = new CRC32C();
        crc.update(bytes.flip());
        return Long.toHexString(crc.getValue());
    }

    interface Question<T> {
        T ask() throws Exception;
    }

    static List<String> orFault(Question<List<String>> question) {
        try {
            return question.ask();
        } catch (Exception error) {
            return List.of("fault " + error.getClass().getSimpleName());
        }
    }

    /** A clock that stands still, so that producers of old logs are not forgotten. */
    static Time standingAt(long nowMs) {
        return new Time() {
            public long milliseconds() { return nowMs; }
            public long nanoseconds() { return nowMs * 1_000_000; }
            public void sleep(long ms) { }
            public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) { }
        };
    }

    /** What Kafka would do in the background is done at once, and what it would do later never: nothing runs on. */
    static class AtOnce implements Scheduler {
        static final ScheduledThreadPoolExecutor idle = new ScheduledThreadPoolExecutor(0);

        public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
            if (delayMs <= 0 && periodMs < 0) task.run();
            return idle.schedule(() -> { }, 1, TimeUnit.DAYS);
        }

        public void startup() { }
        public void shutdown() { }
        public void resizeThreadPool(int size) { }
    }
}
