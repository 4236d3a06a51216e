import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import java.util.zip.CRC32C;
import net.jpountz.xxhash.XXHashFactory;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.Utils;

/** Writes the vectors of this folder with Apache Kafka's own classes. See README.md. */
public class KafkaVectors {
    static final byte MAGIC = 2;

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        writeCompressed(Files.createDirectories(folder.resolve("compressed")));
        writeHashes(folder.resolve("hashes.json"));
        writeUuids(folder.resolve("uuids.json"));
    }

    static void writeCompressed(Path folder) throws Exception {
        byte[] tiny = "tidemark".getBytes(StandardCharsets.UTF_8);
        byte[] text = text(300_000, 1);
        Map<String, byte[]> inputs = new LinkedHashMap<>();
        inputs.put("empty", new byte[0]);
        inputs.put("tiny", tiny);
        inputs.put("text-300k", text);
        inputs.put("random-70k", random(70_000, 2));
        for (var input : inputs.entrySet()) {
            Files.write(folder.resolve(input.getKey() + ".plain"), input.getValue());
            for (CompressionType type : CompressionType.values()) {
                if (type == CompressionType.NONE) continue;
                byte[] compressed = compress(Compression.of(type).build(), MAGIC, input.getValue());
                Files.write(folder.resolve(input.getKey() + "." + type.name), compressed);
            }
        }
        Files.write(folder.resolve("tiny.magic0.lz4"), compress(Compression.lz4().build(), (byte) 0, tiny));
        Files.write(folder.resolve("text-300k.level17.lz4"), compress(Compression.lz4().level(17).build(), MAGIC, text));
        Files.write(folder.resolve("text-300k.level9.gzip"), compress(Compression.gzip().level(9).build(), MAGIC, text));
        Files.write(folder.resolve("text-300k.level19.zstd"), compress(Compression.zstd().level(19).build(), MAGIC, text));
    }

    static byte[] compress(Compression compression, byte magic, byte[] input) throws Exception {
        ByteBufferOutputStream sink = new ByteBufferOutputStream(64);
        try (OutputStream stream = compression.wrapForOutput(sink, magic)) {
            stream.write(input);
        }
        ByteBuffer buffer = sink.buffer().flip();
        byte[] output = new byte[buffer.remaining()];
        buffer.get(output);
        return output;
    }

    static void writeHashes(Path file) throws Exception {
        List<byte[]> inputs = new ArrayList<>();
        Random random = new Random(3);
        for (int size = 0; size <= 40; size++) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            inputs.add(bytes);
        }
        for (String key : List.of("21", "foobar", "a-little-bit-long-string", "a-little-bit-longer-string", "abc", "123456789"))
            inputs.add(key.getBytes(StandardCharsets.UTF_8));
        inputs.add(random(1000, 4));
        List<String> lines = new ArrayList<>();
        for (byte[] bytes : inputs) lines.add(hashes(bytes));
        Files.writeString(file, "[\n" + String.join(",\n", lines) + "\n]\n");
    }

    static String hashes(byte[] bytes) {
        var xxhash = XXHashFactory.fastestInstance().hash32();
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int murmur2 = Utils.murmur2(bytes);
        return String.format(
            "  { \"hex\": \"%s\", \"murmur2\": %d, \"positive\": %d, \"xxhash32\": %d, \"xxhash32Seed7\": %d, \"crc32c\": %d }",
            HexFormat.of().formatHex(bytes), murmur2, Utils.toPositive(murmur2),
            Integer.toUnsignedLong(xxhash.hash(bytes, 0, bytes.length, 0)),
            Integer.toUnsignedLong(xxhash.hash(bytes, 0, bytes.length, 7)), crc.getValue());
    }

    static void writeUuids(Path file) throws Exception {
        Random random = new Random(5);
        List<Uuid> ids = new ArrayList<>(List.of(new Uuid(0, 0), new Uuid(0, 1), new Uuid(-1, -1), new Uuid(Long.MIN_VALUE, Long.MAX_VALUE)));
        for (int i = 0; i < 4; i++) ids.add(new Uuid(random.nextLong(), random.nextLong()));
        List<String> lines = new ArrayList<>();
        for (Uuid id : ids)
            lines.add(String.format("  { \"hex\": \"%016x%016x\", \"text\": \"%s\" }", id.getMostSignificantBits(), id.getLeastSignificantBits(), id));
        Files.writeString(file, "[\n" + String.join(",\n", lines) + "\n]\n");
    }

    /** JSON lines of small orders, about as compressible as real ones. */
    static byte[] text(int size, long seed) {
        String[] words = {"order", "payment", "shipped", "customer", "warehouse", "eu-west", "refund", "created", "pending", "sensor", "temperature", "pressure"};
        Random random = new Random(seed);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; lines.length() < size; i++)
            lines.append("{\"id\":").append(100000 + i)
                .append(",\"type\":\"").append(words[random.nextInt(words.length)])
                .append("\",\"status\":\"").append(words[random.nextInt(words.length)])
                .append("\",\"amount\":").append(random.nextInt(100000) / 100.0)
                .append(",\"note\":\"").append(Long.toString(Math.abs(random.nextLong()), 36)).append("\"}\n");
        return Arrays.copyOf(lines.toString().getBytes(StandardCharsets.UTF_8), size);
    }

    static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
