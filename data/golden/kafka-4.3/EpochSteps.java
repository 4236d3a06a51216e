package org.apache.kafka.storage.internals.epoch;

import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.util.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

/** Random changes to Kafka's LeaderEpochFileCache, and what it answers and writes after each. */
public class EpochSteps {
    public static void main(String[] args) throws Exception {
        Random random = new Random(3);
        File dir = Files.createTempDirectory("epoch-steps").toFile();
        // Runs at once what Kafka would do a moment later.
        Scheduler scheduler = (Scheduler) Proxy.newProxyInstance(Scheduler.class.getClassLoader(), new Class<?>[] {Scheduler.class}, (self, method, given) -> {
            if (given != null && given.length > 1 && given[1] instanceof Runnable) ((Runnable) given[1]).run();
            return null;
        });
        try (PrintStream out = new PrintStream(args[0] + "/leader-epochs.ndjson")) {
            LeaderEpochFileCache cache = null;
            for (int i = 0; i < 400; i++) {
                if (i % 40 == 0) {
                    File fresh = new File(dir, "" + i);
                    fresh.mkdir();
                    cache = new LeaderEpochFileCache(new TopicPartition("t", 0),
                        new LeaderEpochCheckpointFile(LeaderEpochCheckpointFile.newFile(fresh), new LogDirFailureChannel(1)), scheduler);
                    dirNow = fresh;
                    out.println("{\"step\":\"new\"" + answers(cache, random));
                }
                int kind = random.nextInt(10);
                long latestStart = cache.latestEntry().map(e -> e.startOffset()).orElse(0L);
                int latest = cache.latestEpoch().orElse(0);
                if (kind < 7) {
                    int epoch = Math.max(0, latest + random.nextInt(5) - (random.nextInt(4) == 0 ? 3 : 0));
                    long start = Math.max(0, latestStart + random.nextInt(20) - (random.nextInt(5) == 0 ? 15 : 0));
                    cache.assign(epoch, start);
                    out.println("{\"step\":\"assign\",\"epoch\":" + epoch + ",\"offset\":" + start + answers(cache, random));
                } else {
                    long at = Math.max(0, latestStart + random.nextInt(10) - random.nextInt(kind == 7 ? 15 : 40));
                    if (kind == 7) cache.truncateFromEndAsyncFlush(at);
                    else cache.truncateFromStartAsyncFlush(at);
                    out.println("{\"step\":\"" + (kind == 7 ? "truncateFromEnd" : "truncateFromStart") + "\",\"offset\":" + at + answers(cache, random));
                }
            }
        }
    }

    static File dirNow;

    static String answers(LeaderEpochFileCache cache, Random random) throws Exception {
        int epoch = cache.latestEpoch().orElse(0) + random.nextInt(4) - random.nextInt(12);
        long offset = Math.max(0, cache.latestEntry().map(e -> e.startOffset()).orElse(0L) + random.nextInt(8) - random.nextInt(40));
        Map.Entry<Integer, Long> end = cache.endOffsetFor(epoch, 100000);
        File file = LeaderEpochCheckpointFile.newFile(dirNow);
        String text = file.exists() ? Files.readString(file.toPath()).replace("\n", "\\n") : "";
        return String.format(",\"text\":\"%s\",\"asked\":{\"epoch\":%d,\"logEndOffset\":100000,\"offset\":%d},\"end\":{\"epoch\":%d,\"endOffset\":%d},\"epochFor\":%d}",
            text, epoch, offset, end.getKey(), end.getValue(), cache.epochForOffset(offset).orElse(-1));
    }
}
