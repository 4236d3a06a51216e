import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;

/**
 * Asks a broker of Apache Kafka for what `answers.json` holds, and prints its `steps`. The broker is a new one
 * with the `properties` of that file, 4.3.1, and listens on the address given as the only argument:
 *
 *     java -cp '<jars of Kafka>/*' data/golden/configs-4.3.1/RecordAnswers.java 127.0.0.1:29392
 */
public class RecordAnswers {
  static Admin admin;
  static final List<String> steps = new ArrayList<>();
  /** The first description of the broker, entry by entry: later ones print what differs. */
  static final Map<String, String> firstOfBroker = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    admin = Admin.create(Map.of("bootstrap.servers", arguments[0]));
    for (String resource : List.of("broker:1", "broker:", "topic:nope")) describe(resource);
    create("a");
    describe("topic:a");
    create("b", "cleanup.policy", "compact", "retention.ms", "100000");
    describe("topic:b");
    createWithDoubtfulValues();
    changeTopic();
    changeBroker();
    for (String resource : List.of("broker:1", "broker:", "topic:a")) describe(resource);
    System.out.println("[\n" + String.join(",\n", steps) + "\n]");
    admin.close();
  }

  static void createWithDoubtfulValues() throws Exception {
    String[][] values = {
      {"no.such", "1"}, {"retention.ms", "abc"}, {"retention.ms", "-2"}, {"retention.ms", ""}, {"retention.ms", " 5 "},
      {"retention.ms", "99999999999999999999"}, {"retention.ms", "1.5"}, {"retention.ms", "+7"}, {"segment.bytes", "1000"},
      {"segment.bytes", "3000000000"}, {"internal.segment.bytes", "1000"}, {"cleanup.policy", "delete,foo"},
      {"cleanup.policy", ""}, {"cleanup.policy", "compact, delete"}, {"cleanup.policy", "delete,delete"},
      {"compression.type", "foo"}, {"compression.gzip.level", "0"}, {"compression.gzip.level", "10"},
      {"compression.gzip.level", "-1"}, {"preallocate", "yes"}, {"preallocate", "TRUE"}, {"preallocate", " true "},
      {"min.cleanable.dirty.ratio", "1.5"}, {"min.cleanable.dirty.ratio", "abc"}, {"min.cleanable.dirty.ratio", "5e-1"},
      {"min.insync.replicas", "0"}, {"leader.replication.throttled.replicas", "0:1,1:2"},
      {"leader.replication.throttled.replicas", "0-1"}, {"leader.replication.throttled.replicas", "*"},
      {"follower.replication.throttled.replicas", "x"}, {"local.retention.ms", "200000000000"},
      {"local.retention.bytes", "-3"}, {"remote.storage.enable", "true"}, {"message.timestamp.type", "createtime"},
      {"retention.bytes", "-5"}, {"segment.index.bytes", "3"}, {"message.timestamp.after.max.ms", "-1"},
      {"max.compaction.lag.ms", "0"}, {"flush.messages", "0"}, {"compression.lz4.level", "18"},
      {"remote.log.copy.disable", "true"}, {"cleanup.policy", "none"}, {"retention.ms", "010"},
      {"unclean.leader.election.enable", "1"}, {"min.compaction.lag.ms", "100", "max.compaction.lag.ms", "50"},
      {"no.such", "1", "retention.ms", "abc"},
    };
    for (int number = 0; number < values.length; number++) create("t" + number, values[number]);
    for (int number : new int[] {4, 13, 14, 20, 10, 24, 7, 42, 34}) describe("topic:t" + number);
  }

  static void changeTopic() throws Exception {
    alter("topic:a", "SET", "retention.ms", "1000");
    alter("topic:a", "APPEND", "cleanup.policy", "compact");
    describe("topic:a");
    alter("topic:a", "SUBTRACT", "cleanup.policy", "delete");
    alter("topic:a", "SUBTRACT", "cleanup.policy", "compact");
    alter("topic:a", "APPEND", "cleanup.policy", "foo");
    alter("topic:a", "APPEND", "retention.ms", "5");
    alter("topic:a", "DELETE", "retention.bytes", "");
    alter("topic:a", "SET", "no.such", "1");
    alter("topic:a", "DELETE", "no.such", "");
    alter("topic:a", "SET", "retention.ms", null);
    alter("topic:a", "SET", "retention.ms", "x", "SET", "flush.ms", "5");
    alter("topic:a", "SET", "flush.ms", "5", "SET", "flush.ms", "6");
    alter("topic:a", "SET", "segment.bytes", "1");
    alter("topic:a", "SET", "min.compaction.lag.ms", "100", "SET", "max.compaction.lag.ms", "50");
    alter("topic:nope", "SET", "retention.ms", "1000");
    alter("topic:", "SET", "retention.ms", "1000");
    alter("topic:a", "APPEND", "cleanup.policy", "compact");
    alter("topic:a", "SUBTRACT", "leader.replication.throttled.replicas", "0:1");
    alter("topic:a", "APPEND", "leader.replication.throttled.replicas", "0:1,0:2");
    alter("topic:a", "APPEND", "leader.replication.throttled.replicas", "0:2,0:3");
    describe("topic:a");
    alter("topic:a", "DELETE", "retention.ms", "", "DELETE", "cleanup.policy", "");
    describe("topic:a");
  }

  static void changeBroker() throws Exception {
    alter("broker:1", "SET", "log.retention.ms", "5000");
    alter("broker:", "SET", "log.retention.ms", "6000");
    alter("broker:", "SET", "message.max.bytes", "3000000");
    for (String resource : List.of("broker:1", "broker:", "topic:a", "topic:b")) describe(resource);
    alter("broker:1", "SET", "num.partitions", "3");
    alter("broker:1", "SET", "no.such.broker", "1");
    alter("broker:", "SET", "no.such.broker", "1");
    alter("broker:1", "SET", "message.max.bytes", "x");
    alter("broker:", "SET", "message.max.bytes", "-1");
    alter("broker:", "SET", "ssl.keystore.location", "/x");
    alter("broker:1", "SET", "ssl.keystore.location", "/x");
    alter("broker:", "SET", "advertised.listeners", "x");
    alter("broker:1", "APPEND", "log.cleanup.policy", "compact");
    alter("broker:", "APPEND", "log.cleanup.policy", "compact");
    alter("broker:1", "DELETE", "log.retention.ms", "");
    alter("broker:1", "DELETE", "no.such.two", "");
    alter("broker:1", "SET", "log.retention.hours", "3");
    alter("broker:1", "SET", "retention.ms", "3");
    alter("broker:", "SET", "log.cleaner.threads", "2");
    alter("broker:", "SET", "log.cleaner.threads", "9");
    alter("broker:", "SET", "num.io.threads", "100");
    alter("broker:", "SET", "num.io.threads", "0");
    alter("broker:", "SET", "max.connections.per.ip.overrides", "foo:1");
    alter("broker:1", "SET", "log.cleaner.min.compaction.lag.ms", "100", "SET", "log.cleaner.max.compaction.lag.ms", "50");
    alter("broker:1", "SET", "listener.name.plaintext.max.connections", "77");
    alter("broker:", "SET", "listener.name.plaintext.max.connections", "78");
    alter("broker:", "SET", "listeners", "PLAINTEXT://127.0.0.1:1");
    alter("broker:", "SET", "min.insync.replicas", "2");
    alter("broker:1", "SET", "min.insync.replicas", "2");
    alter("broker:", "DELETE", "min.insync.replicas", "");
  }

  static void describe(String resource) {
    String head = "{\"step\": \"describe\", \"resource\": " + json(resource);
    try {
      ConfigResource asked = resourceOf(resource);
      DescribeConfigsOptions options = new DescribeConfigsOptions().includeSynonyms(true);
      Map<String, String> entries = new TreeMap<>();
      for (ConfigEntry entry : admin.describeConfigs(List.of(asked), options).all().get().get(asked).entries())
        entries.put(entry.name(), json(entry));
      boolean isLater = resource.equals("broker:1") && !firstOfBroker.isEmpty();
      if (isLater) entries.entrySet().removeIf(entry -> entry.getValue().equals(firstOfBroker.get(entry.getKey())));
      else if (resource.equals("broker:1")) firstOfBroker.putAll(entries);
      steps.add(head + (isLater ? ", \"onlyChanged\": true" : "") + ", \"entries\": [\n  "
          + String.join(",\n  ", entries.values()) + "\n]}");
    } catch (Exception error) {
      steps.add(head + ", \"error\": " + jsonOfError(error) + "}");
    }
  }

  static void create(String topic, String... configs) throws Exception {
    Map<String, String> given = new LinkedHashMap<>();
    for (int at = 0; at < configs.length; at += 2) given.put(configs[at], configs[at + 1]);
    NewTopic asked = new NewTopic(topic, 1, (short) 1).configs(given);
    change("create", "topic:" + topic, "configs", jsonOfTuples(configs, 2), () -> admin.createTopics(List.of(asked)).all().get());
  }

  static void alter(String resource, String... operations) throws Exception {
    List<AlterConfigOp> asked = new ArrayList<>();
    for (int at = 0; at < operations.length; at += 3)
      asked.add(new AlterConfigOp(
          new ConfigEntry(operations[at + 1], operations[at + 2]), AlterConfigOp.OpType.valueOf(operations[at])));
    change("alter", resource, "ops", jsonOfTuples(operations, 3),
        () -> admin.incrementalAlterConfigs(Map.of(resourceOf(resource), asked)).all().get());
  }

  interface Change { void run() throws Exception; }

  static void change(String step, String resource, String field, String given, Change change) throws Exception {
    String error = "null";
    try {
      change.run();
    } catch (Exception refusal) {
      error = jsonOfError(refusal);
    }
    steps.add("{\"step\": " + json(step) + ", \"resource\": " + json(resource) + ", " + json(field) + ": " + given
        + ", \"error\": " + error + "}");
    // Metadata reaches the broker a moment after the controller has answered.
    Thread.sleep(150);
  }

  static ConfigResource resourceOf(String text) {
    boolean isTopic = text.startsWith("topic:");
    return new ConfigResource(
        isTopic ? ConfigResource.Type.TOPIC : ConfigResource.Type.BROKER, text.substring(text.indexOf(':') + 1));
  }

  static String json(ConfigEntry entry) {
    String synonyms = entry.synonyms().stream()
        .map(each -> "[" + json(each.name()) + ", " + json(each.value()) + ", " + json(each.source()) + "]")
        .collect(Collectors.joining(", "));
    return "[" + json(entry.name()) + ", " + json(entry.value()) + ", " + json(entry.source()) + ", "
        + entry.isReadOnly() + ", " + entry.isSensitive() + ", " + json(entry.type()) + ", [" + synonyms + "]]";
  }

  static String jsonOfError(Exception error) {
    Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
    return "{\"code\": " + Errors.forException(cause).code() + ", \"message\": " + json(cause.getMessage()) + "}";
  }

  static String jsonOfTuples(String[] values, int length) {
    List<String> tuples = new ArrayList<>();
    for (int at = 0; at < values.length; at += length)
      tuples.add("[" + Arrays.stream(values, at, at + length).map(RecordAnswers::json).collect(Collectors.joining(", ")) + "]");
    return "[" + String.join(", ", tuples) + "]";
  }

  static String json(Object value) {
    if (value == null) return "null";
    return '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
