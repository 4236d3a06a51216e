import { configTable } from '../config-table.ts'

/** Groups of the later protocols (KIP-848, KIP-932, KIP-1071), which are not served. */
export const ineffectiveLaterGroupsConfigs = configTable('no effect', {
  'group.consumer.assignment.interval.ms':
    'INT 1000 [0,...] MEDIUM cluster-wide | Shortest time between two assignments of a consumer group, in ms.',
  'group.consumer.assignors':
    'LIST uniform,range MEDIUM | Assignors of consumer groups, the first by default.',
  'group.consumer.heartbeat.interval.ms':
    'INT 5000 [1,...] MEDIUM | How often a member of a consumer group is to report, in ms.',
  'group.consumer.max.assignment.interval.ms':
    'INT 15000 [0,...] MEDIUM | Largest assignment interval that a consumer group may set, in ms.',
  'group.consumer.max.heartbeat.interval.ms':
    'INT 15000 [1,...] MEDIUM | Largest heartbeat interval that a consumer group may set, in ms.',
  'group.consumer.max.session.timeout.ms':
    'INT 60000 [1,...] MEDIUM | Largest session timeout that a consumer group may set, in ms.',
  'group.consumer.max.size': 'INT 2147483647 [1,...] MEDIUM | Most members of a consumer group.',
  'group.consumer.migration.policy':
    'STRING bidirectional (case insensitive) [DISABLED, DOWNGRADE, UPGRADE, BIDIRECTIONAL] MEDIUM | Which way a group may change between the protocols.',
  'group.consumer.min.assignment.interval.ms':
    'INT 0 [0,...] MEDIUM | Smallest assignment interval that a consumer group may set, in ms.',
  'group.consumer.min.heartbeat.interval.ms':
    'INT 5000 [1,...] MEDIUM | Smallest heartbeat interval that a consumer group may set, in ms.',
  'group.consumer.min.session.timeout.ms':
    'INT 45000 [1,...] MEDIUM | Smallest session timeout that a consumer group may set, in ms.',
  'group.consumer.regex.refresh.interval.ms':
    'INT 600000 [10000,...] MEDIUM internal | How often subscribed patterns are matched again, in ms.',
  'group.consumer.session.timeout.ms':
    'INT 45000 [1,...] MEDIUM | A member of a consumer group silent for so many ms is out.',
  'group.share.assignment.interval.ms':
    'INT 1000 [0,...] MEDIUM cluster-wide | Shortest time between two assignments of a share group, in ms.',
  'group.share.assignors': 'LIST simple MEDIUM | Assignors of share groups.',
  'group.share.delivery.count.limit':
    'INT 5 [2,...,10] MEDIUM | How often a record of a share group is delivered at most.',
  'group.share.heartbeat.interval.ms':
    'INT 5000 [1,...] MEDIUM | How often a member of a share group is to report, in ms.',
  'group.share.initialize.retry.interval.ms':
    'INT 30000 [1,...] LOW internal | Pause before a share partition is initialized again, in ms.',
  'group.share.max.assignment.interval.ms':
    'INT 15000 [0,...] MEDIUM | Largest assignment interval that a share group may set, in ms.',
  'group.share.max.delivery.count.limit':
    'INT 10 [5,...,25] MEDIUM | Largest delivery limit that a share group may set.',
  'group.share.max.heartbeat.interval.ms':
    'INT 15000 [1,...] MEDIUM | Largest heartbeat interval that a share group may set, in ms.',
  'group.share.max.partition.max.record.locks':
    'INT 4000 [2000,...,10000] MEDIUM | Largest number of locks that a share group may set.',
  'group.share.max.record.lock.duration.ms':
    'INT 60000 [30000,...,3600000] MEDIUM | Longest lock that a share group may set, in ms.',
  'group.share.max.session.timeout.ms':
    'INT 60000 [1,...] MEDIUM | Largest session timeout that a share group may set, in ms.',
  'group.share.max.share.sessions': 'INT 2000 [1,...] MEDIUM | Share sessions that are remembered.',
  'group.share.max.size': 'INT 200 [1,...,1000] MEDIUM | Most members of a share group.',
  'group.share.min.assignment.interval.ms':
    'INT 0 [0,...] MEDIUM | Smallest assignment interval that a share group may set, in ms.',
  'group.share.min.delivery.count.limit':
    'INT 2 [2,...,5] MEDIUM | Smallest delivery limit that a share group may set.',
  'group.share.min.heartbeat.interval.ms':
    'INT 5000 [1,...] MEDIUM | Smallest heartbeat interval that a share group may set, in ms.',
  'group.share.min.partition.max.record.locks':
    'INT 100 [100,...,2000] MEDIUM | Smallest number of locks that a share group may set.',
  'group.share.min.record.lock.duration.ms':
    'INT 15000 [1000,...,30000] MEDIUM | Shortest lock that a share group may set, in ms.',
  'group.share.min.session.timeout.ms':
    'INT 45000 [1,...] MEDIUM | Smallest session timeout that a share group may set, in ms.',
  'group.share.partition.max.record.locks':
    'INT 2000 [100,...,10000] MEDIUM | Records of a partition that a share group may hold locked.',
  'group.share.persister.class.name':
    'STRING org.apache.kafka.server.share.persister.DefaultStatePersister MEDIUM internal | Class that keeps the state of share groups; Java only.',
  'group.share.record.lock.duration.ms':
    'INT 30000 [1000,...,3600000] MEDIUM | How long a delivered record stays locked, in ms.',
  'group.share.session.timeout.ms':
    'INT 45000 [1,...] MEDIUM | A member of a share group silent for so many ms is out.',
  'group.streams.assignment.interval.ms':
    'INT 1000 [0,...] MEDIUM cluster-wide | Shortest time between two assignments of a streams group, in ms.',
  'group.streams.heartbeat.interval.ms':
    'INT 5000 [1,...] MEDIUM | How often a member of a streams group is to report, in ms.',
  'group.streams.initial.rebalance.delay.ms':
    'INT 3000 [0,...] MEDIUM | How long an empty streams group waits for more members, in ms.',
  'group.streams.max.assignment.interval.ms':
    'INT 15000 [0,...] MEDIUM | Largest assignment interval that a streams group may set, in ms.',
  'group.streams.max.heartbeat.interval.ms':
    'INT 15000 [1,...] MEDIUM | Largest heartbeat interval that a streams group may set, in ms.',
  'group.streams.max.session.timeout.ms':
    'INT 60000 [1,...] MEDIUM | Largest session timeout that a streams group may set, in ms.',
  'group.streams.max.size': 'INT 2147483647 [1,...] MEDIUM | Most members of a streams group.',
  'group.streams.max.standby.replicas':
    'INT 2 [0,...] MEDIUM | Most standby replicas that a streams group may ask for.',
  'group.streams.min.assignment.interval.ms':
    'INT 0 [0,...] MEDIUM | Smallest assignment interval that a streams group may set, in ms.',
  'group.streams.min.heartbeat.interval.ms':
    'INT 5000 [1,...] MEDIUM | Smallest heartbeat interval that a streams group may set, in ms.',
  'group.streams.min.session.timeout.ms':
    'INT 45000 [1,...] MEDIUM | Smallest session timeout that a streams group may set, in ms.',
  'group.streams.num.standby.replicas': "INT 0 [0,...] MEDIUM | Standby replicas of a streams group's tasks.",
  'group.streams.session.timeout.ms':
    'INT 45000 [1,...] MEDIUM | A member of a streams group silent for so many ms is out.',
  'share.coordinator.append.linger.ms':
    'INT -1 [-1,...] MEDIUM | How long the share coordinator gathers writes, in ms.',
  'share.coordinator.cached.buffer.max.bytes':
    'INT 1048588 [524288,...] MEDIUM cluster-wide | Buffer that the share coordinator keeps, in bytes.',
  'share.coordinator.cold.partition.snapshot.interval.ms':
    'INT 300000 [1,...] LOW internal | How often quiet share partitions are written whole, in ms.',
  'share.coordinator.load.buffer.size':
    'INT 5242880 [1,...] HIGH | Bytes read at once when the share coordinator loads.',
  'share.coordinator.snapshot.update.records.per.snapshot':
    'INT 500 [0,...,500] MEDIUM | Updates between two snapshots of a share partition.',
  'share.coordinator.state.topic.compression.codec': 'INT 0 HIGH | Codec of the share state topic.',
  'share.coordinator.state.topic.min.isr':
    'SHORT 2 [1,...] HIGH | Replicas that must have a record of the share state topic.',
  'share.coordinator.state.topic.num.partitions':
    'INT 50 [1,...] HIGH | Partitions of the share state topic.',
  'share.coordinator.state.topic.prune.interval.ms':
    'INT 300000 [1,...] LOW internal | How often the share state topic is shortened, in ms.',
  'share.coordinator.state.topic.replication.factor':
    'SHORT 3 [1,...] HIGH | Replicas of the share state topic.',
  'share.coordinator.state.topic.segment.bytes':
    'INT 104857600 [1,...] HIGH | Segment size of the share state topic, in bytes.',
  'share.coordinator.threads': 'INT 1 [1,...] MEDIUM | Threads of the share coordinator.',
  'share.coordinator.write.timeout.ms':
    'INT 5000 [1,...] HIGH | How long a write of the share coordinator may take, in ms.',
  'share.fetch.purgatory.purge.interval.requests':
    'INT 1000 MEDIUM | Waiting share fetches before done ones are purged.',
})
