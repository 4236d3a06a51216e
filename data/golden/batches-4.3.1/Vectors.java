import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.BufferSupplier;

/** Prints the bytes that Kafka's own classes make, and what Kafka's own readers say of them. */
public class Vectors {
  static final long T = 1700000000000L;
  static final long DAY = 86400000L;

  public static void main(String[] args) {
    for (byte magic = 0; magic < 2; magic++)
      for (String codec : new String[] {"none", "gzip", "snappy", "lz4"})
        for (TimestampType type : timestampTypes()) if (magic > 0 || type == TimestampType.CREATE_TIME)
            print("magic " + magic + " " + codec + " " + name(type), legacy(magic, codec, type));
    for (String codec : new String[] {"none", "lz4"}) for (TimestampType type : timestampTypes()) compacted(codec, type);
    MemoryRecords old = legacy((byte) 1, "gzip", TimestampType.CREATE_TIME);
    print("magic 1 gzip CreateTime, kept 101 102 horizon", filter(old, T + 1000, DAY, Set.of(101L, 102L)));
    print("magic 1 gzip CreateTime, kept 100 102", filter(old, T + 1000, DAY, Set.of(100L, 102L)));
  }

  static MemoryRecords legacy(byte magic, String codec, TimestampType type) {
    MemoryRecordsBuilder builder = builder(magic, codec, type);
    builder.append(T, utf8("a"), utf8("x".repeat(50)));
    builder.append(T + 5, utf8("b"), null);
    builder.append(T - 3, null, utf8("zz"));
    return builder.build();
  }

  static void compacted(String codec, TimestampType type) {
    Header[] headers = {new RecordHeader("h1", utf8("x")), new RecordHeader("h2", null)};
    String what = codec + " " + name(type);
    MemoryRecords source = append(builder((byte) 2, codec, type), headers).build();
    MemoryRecords first = filter(source, T + 1000, DAY, Set.of(101L, 102L, 103L));
    print(what, source);
    print(what + ", kept 100 101", filter(source, T + 1000, DAY, Set.of(100L, 101L)));
    print(what + ", kept 102 103 horizon", filter(source, T + 1000, DAY, Set.of(102L, 103L)));
    print(what + ", kept 100 101 102 103 horizon", filter(source, T + 1000, DAY, Set.of(100L, 101L, 102L, 103L)));
    print(what + ", kept 101 102 103 horizon", first);
    print(what + ", kept 101 103 of that", filter(first, T + 2000, DAY, Set.of(101L, 103L)));
    print(what + ", kept none of that", filter(first, T + 2000, DAY, Set.of()));
  }

  static MemoryRecordsBuilder append(MemoryRecordsBuilder builder, Header[] headers) {
    builder.append(T, utf8("a"), utf8("x"), headers);
    builder.append(T + 50, utf8("b"), utf8("y"));
    builder.append(T - 3, utf8("c"), null, headers);
    builder.append(T + 7, utf8("d"), utf8("w"), headers);
    return builder;
  }

  static MemoryRecordsBuilder builder(byte magic, String codec, TimestampType type) {
    Compression compression =
        switch (codec) {
          case "gzip" -> Compression.gzip().build();
          case "snappy" -> Compression.snappy().build();
          case "lz4" -> Compression.lz4().build();
          default -> Compression.NONE;
        };
    ByteBuffer room = ByteBuffer.allocate(4096);
    return magic < 2
        ? MemoryRecords.builder(room, magic, compression, type, 100L, T + 500)
        : MemoryRecords.builder(room, magic, compression, type, 100L, T + 500, 7L, (short) 2, 5, true, false, 4);
  }

  static MemoryRecords filter(MemoryRecords source, long now, long deleteRetentionMs, Set<Long> kept) {
    MemoryRecords.RecordFilter filter =
        new MemoryRecords.RecordFilter(now, deleteRetentionMs) {
          protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
            return new BatchRetentionResult(BatchRetention.RETAIN_EMPTY, false);
          }

          protected boolean shouldRetainRecord(RecordBatch batch, org.apache.kafka.common.record.internal.Record record) {
            return kept.contains(record.offset());
          }
        };
    ByteBuffer output = source.filterTo(filter, ByteBuffer.allocate(4096), BufferSupplier.NO_CACHING).outputBuffer();
    output.flip();
    return MemoryRecords.readableRecords(output);
  }

  static TimestampType[] timestampTypes() {
    return new TimestampType[] {TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME};
  }

  static String name(TimestampType type) {
    return type.name;
  }

  static void print(String name, MemoryRecords records) {
    System.out.println("[" + name + "] " + records.sizeInBytes() + " B");
    System.out.println(hex(records.buffer()));
    for (MutableRecordBatch batch : records.batches()) {
      System.out.printf("  batch base=%d last=%d ple=%d magic=%d crc=%08x valid=%b codec=%s ts=%s txn=%b ctl=%b horizon=%s"
              + " pid=%d epoch=%d seq=%d..%d count=%s maxTs=%d size=%d%n", batch.baseOffset(), batch.lastOffset(),
          batch.partitionLeaderEpoch(), batch.magic(), batch.checksum(), batch.isValid(), batch.compressionType().name,
          name(batch.timestampType()), batch.isTransactional(), batch.isControlBatch(), batch.deleteHorizonMs(),
          batch.producerId(), batch.producerEpoch(), batch.baseSequence(), batch.lastSequence(), batch.countOrNull(),
          batch.maxTimestamp(), batch.sizeInBytes());
      for (org.apache.kafka.common.record.internal.Record record : batch) printRecord(record);
    }
    System.out.println();
  }

  static void printRecord(org.apache.kafka.common.record.internal.Record record) {
    StringBuilder headers = new StringBuilder();
    for (Header header : record.headers())
      headers.append(header.key()).append('=')
          .append(header.value() == null ? "null" : new String(header.value(), StandardCharsets.UTF_8)).append(';');
    System.out.printf("    rec off=%d ts=%d seq=%d k=%s v=%s h=[%s] size=%d%n", record.offset(), record.timestamp(),
        record.sequence(), text(record.hasKey() ? record.key() : null), text(record.hasValue() ? record.value() : null),
        headers, record.sizeInBytes());
  }

  static String text(ByteBuffer bytes) {
    if (bytes == null) return "null";
    return bytes.remaining() > 16 ? "<" + bytes.remaining() + "B>" : "\"" + StandardCharsets.UTF_8.decode(bytes.duplicate()) + "\"";
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String hex(ByteBuffer bytes) {
    StringBuilder hex = new StringBuilder();
    for (int at = bytes.position(); at < bytes.limit(); at++) hex.append(String.format("%02x", bytes.get(at)));
    return hex.toString();
  }
}
