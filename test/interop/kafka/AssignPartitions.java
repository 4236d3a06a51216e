import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor;
import org.apache.kafka.common.TopicPartition;

/**
  * Has the assignors of Kafka's own consumer assign, generation after generation, to groups that members join and leave, and
  * writes one line of JSON for each assignment: what it was made from, and what it was.
  *
  * <p>AssignPartitions SEED GROUPS GENERATIONS
  */
public class AssignPartitions {
    static final ObjectMapper JSON = new ObjectMapper();

    record Member(String memberId, String groupInstanceId, List<String> topics) {}

    record Had(List<TopicPartition> partitions, int generation) {}

    final Random random;
    final boolean isMixed;
    final Map<String, Integer> partitionCounts = new TreeMap<>();
    final List<Member> members = new ArrayList<>();
    final Map<String, Map<String, Had>> had = new HashMap<>();
    int bornCount = 0;

    AssignPartitions(Random random) {
        this.random = random;
        this.isMixed = random.nextBoolean();
        int topics = 1 + random.nextInt(4);
        for (int index = 0; index < topics; index++) partitionCounts.put("t" + index, 1 + random.nextInt(8));
        int count = 1 + random.nextInt(6);
        for (int index = 0; index < count; index++) members.add(newMember());
    }

    public static void main(String[] args) throws Exception {
        Random random = new Random(Long.parseLong(args[0]));
        for (int group = 0; group < Integer.parseInt(args[1]); group++) {
            AssignPartitions run = new AssignPartitions(random);
            for (int generation = 1; generation <= Integer.parseInt(args[2]); generation++) {
                if (generation > 1) run.change();
                run.assign(new RangeAssignor(), generation);
                run.assign(new RoundRobinAssignor(), generation);
                run.assign(new StickyAssignor(), generation);
                run.assign(new CooperativeStickyAssignor(), generation);
            }
        }
    }

    Member newMember() {
        String memberId = "m" + (char) ('a' + random.nextInt(26)) + bornCount++;
        String instanceId = random.nextInt(4) == 0 ? "i" + (char) ('a' + random.nextInt(26)) + bornCount : null;
        List<String> topics = new ArrayList<>(partitionCounts.keySet());
        if (isMixed) topics.removeIf(topic -> random.nextInt(3) == 0);
        if (topics.isEmpty()) topics.add(partitionCounts.keySet().iterator().next());
        return new Member(memberId, instanceId, topics);
    }

    void change() {
        int kind = random.nextInt(5);
        if (kind <= 1 || members.size() == 1) members.add(random.nextInt(members.size() + 1), newMember());
        if (kind >= 2 && members.size() > 1) members.remove(random.nextInt(members.size()));
        if (kind == 4) partitionCounts.merge("t0", 1, Integer::sum);
    }

    void assign(AbstractPartitionAssignor assignor, int generation) throws Exception {
        String name = assignor.name();
        Map<String, Had> before = had.computeIfAbsent(name, key -> new HashMap<>());
        boolean isSticky = assignor instanceof AbstractStickyAssignor;
        Map<String, Subscription> subscriptions = new HashMap<>();
        List<Map<String, Object>> described = new ArrayList<>();
        for (Member member : members) {
            Had own = isSticky ? before.get(member.memberId()) : null;
            // Now and then a member says that it had what another one had too.
            if (own != null && before.size() > 1 && random.nextInt(12) == 0) {
                List<TopicPartition> more = new ArrayList<>(own.partitions());
                for (Had other : before.values())
                    if (other != own && !other.partitions().isEmpty() && !more.contains(other.partitions().get(0))) {
                        more.add(other.partitions().get(0));
                        break;
                    }
                own = new Had(more, own.generation());
            }
            Subscription subscription = subscriptionOf(member, assignor, own);
            subscriptions.put(member.memberId(), subscription);
            described.add(describe(member, own, subscription));
        }
        Map<String, List<TopicPartition>> assigned = assignor.assign(wantedCounts(), subscriptions);
        Map<String, Object> result = new TreeMap<>();
        assigned.forEach((memberId, partitions) -> {
            result.put(memberId, byTopic(partitions));
            // A member may miss a generation, and come with what it had before.
            if (random.nextInt(10) > 0) before.put(memberId, new Had(new ArrayList<>(partitions), generation));
        });
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("assignor", name);
        line.put("partitionCounts", partitionCounts);
        line.put("members", described);
        line.put("assigned", result);
        System.out.println(JSON.writeValueAsString(line));
    }

    /** The client tells its assignors of no other topics. */
    Map<String, Integer> wantedCounts() {
        Map<String, Integer> wanted = new HashMap<>(partitionCounts);
        wanted.keySet().removeIf(topic -> members.stream().noneMatch(member -> member.topics().contains(topic)));
        return wanted;
    }

    static Subscription subscriptionOf(Member member, AbstractPartitionAssignor assignor, Had own) {
        ByteBuffer userData = null;
        if (assignor instanceof StickyAssignor || assignor instanceof CooperativeStickyAssignor) {
            AbstractPartitionAssignor teller =
                    assignor instanceof StickyAssignor ? new StickyAssignor() : new CooperativeStickyAssignor();
            if (own != null)
                teller.onAssignment(
                        new Assignment(own.partitions()),
                        new ConsumerGroupMetadata("g", own.generation(), member.memberId(), Optional.empty()));
            userData = teller.subscriptionUserData(new java.util.HashSet<>(member.topics()));
        }
        boolean isCooperative = assignor instanceof CooperativeStickyAssignor;
        Subscription subscription =
                new Subscription(
                        member.topics(),
                        userData,
                        isCooperative && own != null ? own.partitions() : List.of(),
                        own == null ? -1 : own.generation(),
                        Optional.empty());
        subscription.setGroupInstanceId(Optional.ofNullable(member.groupInstanceId()));
        return subscription;
    }

    static Map<String, Object> describe(Member member, Had own, Subscription subscription) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("memberId", member.memberId());
        line.put("groupInstanceId", member.groupInstanceId());
        line.put("topics", member.topics());
        line.put("owned", byTopic(own == null ? List.of() : own.partitions()));
        line.put("generationId", own == null ? -1 : own.generation());
        ByteBuffer userData = subscription.userData();
        byte[] bytes = userData == null ? null : new byte[userData.remaining()];
        if (bytes != null) userData.duplicate().get(bytes);
        line.put("userData", bytes == null ? null : Base64.getEncoder().encodeToString(bytes));
        return line;
    }

    static Map<String, List<Integer>> byTopic(List<TopicPartition> partitions) {
        Map<String, List<Integer>> topics = new LinkedHashMap<>();
        for (TopicPartition each : partitions)
            topics.computeIfAbsent(each.topic(), key -> new ArrayList<>()).add(each.partition());
        return topics;
    }
}
