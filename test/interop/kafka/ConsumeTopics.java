import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.MessageFormatter;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What Kafka's consumer reads of whole topics of one partition, printed by the formatter of its console consumer. Unlike
 * that it ends where the topic ends, and need not wait for what may still come:
 * {@code ConsumeTopics BOOTSTRAP FOLDER TOPIC.ISOLATION_LEVEL...} writes the file {@code TOPIC.ISOLATION_LEVEL.txt} for
 * each.
 */
public class ConsumeTopics {
    static final Map<String, String> SHOWN = Map.of("print.timestamp", "true", "print.offset", "true", "print.headers", "true",
        "print.key", "true", "null.literal", "<null>");

    public static void main(String[] args) throws Exception {
        for (String wanted : List.of(args).subList(2, args.length)) {
            int dot = wanted.lastIndexOf('.');
            try (PrintStream out = new PrintStream(new File(args[1], wanted + ".txt"), StandardCharsets.UTF_8)) {
                consume(args[0], new TopicPartition(wanted.substring(0, dot), 0), wanted.substring(dot + 1), out);
            }
        }
        System.exit(0);
    }

    static void consume(String bootstrap, TopicPartition partition, String isolation, PrintStream out) throws Exception {
        MessageFormatter formatter = consoleFormatter();
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "isolation.level", isolation);
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            // For a reader of committed records this is the last stable offset.
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end)
                consumer.poll(Duration.ofMillis(100)).forEach(record -> formatter.writeTo(record, out));
        }
    }

    /** It is not public. */
    static MessageFormatter consoleFormatter() throws Exception {
        var constructor = Class.forName("org.apache.kafka.tools.consumer.DefaultMessageFormatter").getDeclaredConstructor();
        constructor.setAccessible(true);
        MessageFormatter formatter = (MessageFormatter) constructor.newInstance();
        formatter.configure(SHOWN);
        return formatter;
    }
}
