import { configTable } from '../config-table.ts'

/** Consumer groups of the classic protocol, and their offsets. */
export const groupsConfigs = configTable('effective', {
  'group.coordinator.rebalance.protocols':
    'LIST classic [consumer, classic, share, streams] MEDIUM | Kinds of groups that are served.',
  'group.initial.rebalance.delay.ms':
    'INT 3000 MEDIUM | How long an empty group waits for more members, in ms.',
  'group.max.session.timeout.ms':
    'INT 1800000 MEDIUM | Longest session timeout that a member may ask for, in ms.',
  'group.max.size': 'INT 2147483647 [1,...] MEDIUM | Most members of a group.',
  'group.min.session.timeout.ms':
    'INT 6000 MEDIUM | Shortest session timeout that a member may ask for, in ms.',
  'offset.metadata.max.bytes': 'INT 4096 HIGH | Longest text that a commit may carry, in bytes.',
  'offsets.commit.timeout.ms': 'INT 5000 [1,...] HIGH | How long a commit may wait for its replicas, in ms.',
  'offsets.load.buffer.size':
    'INT 5242880 [1,...] HIGH | Bytes read at once when a coordinator loads its offsets.',
  'offsets.retention.check.interval.ms':
    'LONG 600000 [1,...] HIGH | How often outlived offsets are looked for, in ms.',
  'offsets.retention.minutes':
    'INT 10080 [1,...] HIGH | How long the offsets of an empty group are kept, in minutes.',
  'offsets.topic.compression.codec':
    'INT 0 HIGH | Codec of the offsets topic: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.',
  'offsets.topic.num.partitions':
    'INT 50 [1,...] HIGH | Partitions of the offsets topic; not to be changed once there are groups.',
  'offsets.topic.replication.factor': 'SHORT 1 [1,...] HIGH | Replicas of the offsets topic.',
  'offsets.topic.segment.bytes': 'INT 104857600 [1,...] HIGH | Segment size of the offsets topic, in bytes.',
})

/** What Kafka has besides, and what has no effect here. */
export const ineffectiveGroupsConfigs = configTable('no effect', {
  'group.coordinator.append.linger.ms':
    'INT -1 [-1,...] MEDIUM | How long coordinators gather writes, in ms; here one turn of the event loop.',
  'group.coordinator.background.threads': 'INT 2 [1,...] HIGH | Threads for slow work of coordinators.',
  'group.coordinator.cached.buffer.max.bytes':
    'INT 1048588 [524288,...] MEDIUM cluster-wide | Buffer that a coordinator keeps, in bytes.',
  'group.coordinator.threads': 'INT 4 [1,...] HIGH | Threads of the group coordinator.',
})
