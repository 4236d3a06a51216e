// In Kafka's own package, because ProducerStateEntry.findDuplicateBatch is visible only there.
package org.apache.kafka.storage.internals.log;

import java.io.File;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.Time;

/** Random batches of many producers through Kafka's ProducerStateManager: what it answers, and the files it writes. */
public class ProducerSteps {
    static final long EXPIRATION_MS = 1 << 30;
    final File dir = Files.createTempDirectory("producer-steps").toFile();
    final TopicPartition partition = new TopicPartition("t", 0);
    final ProducerStateManager manager = new ProducerStateManager(partition, dir, 900000,
        new ProducerStateManagerConfig((int) EXPIRATION_MS, false), Time.SYSTEM);
    final TransactionIndex index = new TransactionIndex(0, new File(dir, "00000000000000000000.txnindex"));
    final Random random;
    final AppendOrigin dataOrigin, markerOrigin;
    final PrintStream out;
    long offset = 0, now = 1700000000000L;

    ProducerSteps(long seed, boolean replica, PrintStream out) throws Exception {
        random = new Random(seed);
        this.out = out;
        dataOrigin = replica ? AppendOrigin.REPLICATION : AppendOrigin.CLIENT;
        markerOrigin = replica ? AppendOrigin.REPLICATION : AppendOrigin.COORDINATOR;
    }

    boolean chance(int oneIn) { return random.nextInt(oneIn) == 0; }

    void run(int steps, int producers) throws Exception {
        long[] ids = new long[producers];
        for (int i = 0; i < producers; i++) ids[i] = chance(3) ? random.nextInt(64) * 16L + i : random.nextLong() >>> (11 + random.nextInt(40));
        for (int i = 0; i < steps; i++) {
            now += random.nextInt(50);
            step(ids[random.nextInt(producers)]);
        }
    }

    void step(long id) throws Exception {
        Optional<ProducerStateEntry> entry = manager.lastEntry(id);
        boolean replica = dataOrigin == AppendOrigin.REPLICATION;
        short epoch = entry.map(ProducerStateEntry::producerEpoch).orElse((short) random.nextInt(3));
        if (chance(12)) epoch = (short) Math.max(0, epoch + random.nextInt(4) - 1);
        if (chance(6)) { marker(id, epoch, entry.map(ProducerStateEntry::coordinatorEpoch).orElse(-1)); return; }
        boolean open = entry.map(e -> e.currentTxnFirstOffset().isPresent()).orElse(false);
        boolean transactional = open || id % 2 == 0;
        if (!replica && chance(20)) transactional = !transactional;
        data(id, epoch, sequence(entry, epoch), 1 + random.nextInt(5), transactional);
    }

    /** Mostly the next one; sometimes one of a batch already there, sometimes any; the first may be close to the wrap. */
    int sequence(Optional<ProducerStateEntry> entry, short epoch) {
        if (entry.isEmpty()) return chance(2) ? 0 : Integer.MAX_VALUE - random.nextInt(12);
        List<BatchMetadata> batches = new ArrayList<>(entry.get().batchMetadata());
        if (chance(15)) return random.nextInt(20);
        if (epoch != entry.get().producerEpoch() || batches.isEmpty()) return 0;
        if (chance(8)) return batches.get(random.nextInt(batches.size())).firstSeq();
        int last = batches.get(batches.size() - 1).lastSeq();
        return last == Integer.MAX_VALUE ? 0 : last + 1;
    }

    void data(long id, short epoch, int sequence, int count, boolean transactional) throws Exception {
        // A repeated first sequence is a duplicate only with the same last one.
        Optional<BatchMetadata> same = manager.lastEntry(id).flatMap(e -> e.batchMetadata().stream().filter(b -> b.firstSeq() == sequence).findFirst());
        if (same.isPresent() && !chance(4)) count = (int) (same.get().lastOffset() - same.get().firstOffset()) + 1;
        SimpleRecord[] records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) records[i] = new SimpleRecord(now, "v".getBytes());
        RecordBatch batch = MemoryRecords.withRecords((byte) 2, offset, Compression.NONE, TimestampType.CREATE_TIME,
            id, epoch, sequence, 0, transactional, records).batches().iterator().next();
        String step = String.format("\"producerId\":%d,\"producerEpoch\":%d,\"baseSequence\":%d,\"lastSequence\":%d,\"baseOffset\":%d,\"lastOffset\":%d,\"maxTimestamp\":%d,\"isTransactional\":%b,\"isControl\":false",
            id, epoch, batch.baseSequence(), batch.lastSequence(), batch.baseOffset(), batch.lastOffset(), batch.maxTimestamp(), transactional);
        Optional<BatchMetadata> duplicate = dataOrigin == AppendOrigin.CLIENT
            ? manager.lastEntry(id).flatMap(e -> e.findDuplicateBatch(batch)) : Optional.empty();
        if (duplicate.isPresent()) {
            BatchMetadata b = duplicate.get();
            answer(step, String.format("\"duplicate\":{\"firstSequence\":%d,\"lastSequence\":%d,\"firstOffset\":%d,\"lastOffset\":%d,\"timestamp\":%d}", b.firstSeq(), b.lastSeq(), b.firstOffset(), b.lastOffset(), b.timestamp()));
            return;
        }
        try {
            ProducerAppendInfo info = manager.prepareUpdate(id, dataOrigin);
            info.append(batch, Optional.empty());
            manager.update(info);
            offset = batch.lastOffset() + 1;
            answer(step, "\"appended\":true");
        } catch (RuntimeException error) {
            answer(step, "\"error\":\"" + error.getClass().getSimpleName() + "\"");
        }
    }

    void marker(long id, short epoch, int seenCoordinatorEpoch) throws Exception {
        int coordinatorEpoch = seenCoordinatorEpoch < 0 ? 3 : Math.max(0, seenCoordinatorEpoch + (chance(4) ? random.nextInt(3) - 1 : 0));
        ControlRecordType type = chance(2) ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
        String step = String.format("\"producerId\":%d,\"producerEpoch\":%d,\"baseSequence\":-1,\"lastSequence\":-1,\"baseOffset\":%d,\"lastOffset\":%d,\"maxTimestamp\":%d,\"isTransactional\":true,\"isControl\":true,\"controlType\":\"%s\",\"coordinatorEpoch\":%d",
            id, epoch, offset, offset, now, type, coordinatorEpoch);
        try {
            ProducerAppendInfo info = manager.prepareUpdate(id, markerOrigin);
            Optional<CompletedTxn> completed = info.appendEndTxnMarker(new EndTransactionMarker(type, coordinatorEpoch), epoch, offset, now, (short) 1);
            manager.update(info);
            offset += 1;
            String answer = "\"appended\":true";
            if (completed.isPresent()) {
                CompletedTxn txn = completed.get();
                long lastStableOffset = manager.lastStableOffset(txn);
                if (txn.isAborted()) {
                    index.append(new AbortedTxn(txn, lastStableOffset));
                    answer += String.format(",\"aborted\":{\"producerId\":%d,\"firstOffset\":%d,\"lastOffset\":%d,\"lastStableOffset\":%d}", id, txn.firstOffset(), txn.lastOffset(), lastStableOffset);
                }
                manager.completeTxn(txn);
            }
            answer(step, answer);
        } catch (RuntimeException error) {
            answer(step, "\"error\":\"" + error.getClass().getSimpleName() + "\"");
        }
    }

    void answer(String step, String answer) {
        manager.onHighWatermarkUpdated(offset);
        manager.updateMapEndOffset(offset);
        String unstable = manager.firstUnstableOffset().map(o -> "" + o.messageOffset).orElse("null");
        out.println("{\"batch\":{" + step + "}," + answer + ",\"firstUnstableOffset\":" + unstable + "}");
    }

    /** The bytes of the snapshot, the transaction index, and who is left after an expiry. */
    void finish() throws Exception {
        manager.takeSnapshot();
        byte[] snapshot = Files.readAllBytes(new File(dir, String.format("%020d.snapshot", offset)).toPath());
        index.flush();
        byte[] transactions = Files.readAllBytes(index.file().toPath());
        StringJoiner searches = new StringJoiner(",", "[", "]");
        for (int i = 0; i < 60; i++) {
            long from = random.nextInt((int) offset), to = from + 1 + random.nextInt((int) offset / 4);
            TxnIndexSearchResult found = index.collectAbortedTxns(from, to);
            StringJoiner rows = new StringJoiner(",", "[", "]");
            found.abortedTransactions().forEach(t -> rows.add("" + t.lastOffset()));
            searches.add(String.format("{\"fetchOffset\":%d,\"upperBoundOffset\":%d,\"lastOffsets\":%s,\"complete\":%b}", from, to, rows, found.isComplete()));
        }
        long expiryMs = now - 800 + EXPIRATION_MS;
        manager.removeExpiredProducers(expiryMs);
        StringJoiner left = new StringJoiner(",", "[", "]");
        manager.activeProducers().keySet().stream().sorted().forEach(id -> left.add("" + id));
        out.println(String.format("{\"snapshot\":\"%s\",\"transactionIndex\":\"%s\",\"searches\":%s,\"expiry\":{\"nowMs\":%d,\"expirationMs\":%d,\"left\":%s}}",
            HexFormat.of().formatHex(snapshot), HexFormat.of().formatHex(transactions), searches, expiryMs, EXPIRATION_MS, left));
    }

    public static void main(String[] args) throws Exception {
        for (String origin : List.of("leader", "follower")) {
            try (PrintStream out = new PrintStream(args[0] + "/producers-" + origin + ".ndjson")) {
                ProducerSteps steps = new ProducerSteps(origin.hashCode(), origin.equals("follower"), out);
                steps.run(700, origin.equals("follower") ? 29 : 40);
                steps.finish();
            }
        }
    }
}
