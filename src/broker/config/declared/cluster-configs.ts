import { configTable } from '../config-table.ts'

/** Who the broker is, how topics are made, replicated and led. */
export const clusterConfigs = configTable('effective', {
  'auto.create.topics.enable': 'BOOLEAN true HIGH | Whether asking for a topic that does not exist makes it.',
  'auto.leader.rebalance.enable':
    'BOOLEAN true HIGH | Whether leadership goes back to the preferred replicas by itself.',
  'broker.id': 'INT -1 HIGH | Number of this broker, by its older name; node.id is the same.',
  'broker.rack': 'STRING null MEDIUM | Place of this broker, for spreading replicas and for reading near by.',
  'controlled.shutdown.enable':
    'BOOLEAN true MEDIUM | Whether a stopping broker first hands its leaderships over.',
  'controller.socket.timeout.ms':
    'INT 30000 MEDIUM | How long a request of the controller to a broker may take, in ms.',
  'default.replication.factor': 'INT 1 MEDIUM | Replicas of a topic that does not say how many.',
  'delete.topic.enable': 'BOOLEAN true HIGH | Whether topics may be deleted.',
  'fetch.max.bytes':
    'INT 57671680 [1024,...] MEDIUM | Most bytes in one fetch response; a first batch may be larger.',
  'leader.imbalance.check.interval.seconds':
    'LONG 300 [1,...] HIGH | How often leaderships are compared with the preferred ones, in seconds.',
  'max.incremental.fetch.session.cache.slots':
    'INT 1000 [0,...] MEDIUM | Fetch sessions (KIP-227) that are remembered.',
  'max.request.partition.size.limit': 'INT 2000 [1,...] MEDIUM | Most partitions in one answer about topics.',
  'min.insync.replicas':
    'INT 1 [1,...] HIGH cluster-wide | Replicas that must have a record before acks=all is answered.',
  'node.id': 'INT 1 [0,...] HIGH | Number of this broker, unique in its cluster.',
  'num.partitions': 'INT 1 [1,...] MEDIUM | Partitions of a topic that does not say how many.',
  'num.replica.fetchers':
    'INT 1 [1,...] HIGH cluster-wide | Connections per leader that fetch for the followers here.',
  'replica.fetch.backoff.ms': 'INT 1000 [0,...] MEDIUM | Pause after a failed fetch from a leader, in ms.',
  'replica.fetch.max.bytes':
    'INT 1048576 [0,...] MEDIUM | Bytes a follower asks for per partition; a first batch may be larger.',
  'replica.fetch.min.bytes': "INT 1 HIGH | Bytes for which a follower's fetch waits.",
  'replica.fetch.response.max.bytes': 'INT 10485760 [0,...] MEDIUM | Bytes a follower asks for at once.',
  'replica.fetch.wait.max.ms': "INT 500 HIGH | How long a follower's fetch waits for new records, in ms.",
  'replica.high.watermark.checkpoint.interval.ms':
    'LONG 5000 HIGH | How often high watermarks are written down, in ms.',
  'replica.lag.time.max.ms':
    'LONG 30000 HIGH | A follower that has not caught up for so many ms leaves the ISR.',
  'replica.socket.timeout.ms': "INT 30000 HIGH | How long a follower's fetch may take, in ms.",
  'tidemark.cluster.id':
    'STRING null LOW | Id of the cluster when its first broker makes it; null makes one up.',
  'unclean.leader.election.enable':
    'BOOLEAN false HIGH cluster-wide | Whether a replica outside the ISR may lead when no other lives. It loses records.',
  'zookeeper.connect':
    'STRING null HIGH | Servers of the ZooKeeper that coordinates the cluster, as host:port/path; null for a cluster of one.',
  'zookeeper.connection.timeout.ms':
    'INT null HIGH | How long the first connection to ZooKeeper may take, in ms.',
  'zookeeper.session.timeout.ms':
    'INT 18000 HIGH | A broker that ZooKeeper has not heard of for so many ms is taken for dead.',
})

/** What Kafka has besides, and what has no effect here. */
export const ineffectiveClusterConfigs = configTable('no effect', {
  'alter.config.policy.class.name': 'CLASS null LOW | Class that judges changed configs; Java only.',
  'client.quota.callback.class': 'CLASS null LOW | Class that computes quotas; Java only.',
  'create.topic.policy.class.name': 'CLASS null LOW | Class that judges new topics; Java only.',
  'delete.records.purgatory.purge.interval.requests':
    'INT 1 MEDIUM | Waiting DeleteRecords before done ones are purged.',
  'fetch.purgatory.purge.interval.requests':
    'INT 1000 MEDIUM | Waiting fetches before done ones are purged; here they go at once.',
  'follower.fetch.last.tiered.offset.enable':
    'BOOLEAN false MEDIUM cluster-wide | Whether a new follower begins where tiered storage ends.',
  'producer.purgatory.purge.interval.requests':
    'INT 1000 MEDIUM | Waiting produce requests before done ones are purged; here they go at once.',
  'replica.selector.class': 'STRING null MEDIUM | Class that picks the replica to read from; Java only.',
  'replica.socket.receive.buffer.bytes': "INT 65536 HIGH | Receive buffer of a follower's socket, in bytes.",
  'unclean.leader.election.interval.ms':
    'LONG 300000 [1,...] MEDIUM internal | How often the controller looks for partitions to elect uncleanly, in ms.',
  'unstable.api.versions.enable':
    'BOOLEAN false HIGH internal | Whether unreleased versions of requests are offered.',
  'unstable.feature.versions.enable':
    'BOOLEAN false HIGH internal | Whether unreleased features may be switched on.',
})
