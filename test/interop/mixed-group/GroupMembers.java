import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Members of groups with the official Java client, told what to do on stdin:
 *
 * <pre>
 * join MEMBER BOOTSTRAP GROUP TOPIC ASSIGNOR SESSION_TIMEOUT_MS
 * leave MEMBER
 * </pre>
 *
 * They tell on stdout what happens to them, one line each, of which {@code member-host.ts} speaks.
 */
public class GroupMembers {
    static final Map<String, String> ASSIGNORS = Map.of(
        "range", "org.apache.kafka.clients.consumer.RangeAssignor",
        "cooperative-sticky", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    static final PrintStream OUT = new PrintStream(System.out, true);

    public static void main(String[] args) throws Exception {
        Map<String, Member> members = new ConcurrentHashMap<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("leave")) {
                members.remove(words[1]).isLeaving = true;
                continue;
            }
            Member member = new Member(words);
            members.put(words[1], member);
            new Thread(member).start();
        }
        Runtime.getRuntime().halt(0);
    }

    static class Member implements Runnable, ConsumerRebalanceListener {
        final String name;
        final String topic;
        final KafkaConsumer<byte[], byte[]> consumer;
        volatile boolean isLeaving;

        Member(String[] words) {
            name = words[1];
            topic = words[4];
            Map<String, Object> config = Map.of(
                "bootstrap.servers", words[2],
                "group.id", words[3],
                "partition.assignment.strategy", ASSIGNORS.get(words[5]),
                "session.timeout.ms", words[6],
                "heartbeat.interval.ms", "200",
                "auto.offset.reset", "earliest",
                "auto.commit.interval.ms", "200",
                "max.poll.records", "50",
                "fetch.max.wait.ms", "100");
            consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        @Override
        public void run() {
            try (consumer) {
                consumer.subscribe(List.of(topic), this);
                while (!isLeaving)
                    consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> say("read", record.partition() + " " + record.offset()));
            } catch (Throwable error) {
                say("failed", error.toString());
            }
            say("left", "");
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            say("assigned", consumer.groupMetadata().generationId() + numbersOf(partitions));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // All that was polled has been told of. While a cooperative group rebalances, more is polled after the client's own commit.
            consumer.commitSync();
            say("revoked", numbersOf(partitions));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            say("lost", numbersOf(partitions));
        }

        void say(String what, String rest) {
            synchronized (OUT) {
                OUT.println(name + " " + System.currentTimeMillis() + " " + what + " " + rest);
            }
        }

        static String numbersOf(Collection<TopicPartition> partitions) {
            return partitions.stream().map(each -> " " + each.partition()).collect(Collectors.joining());
        }
    }
}
