import { configTable } from '../config-table.ts'

/** What a topic may be told for itself. */
export const topicConfigs = configTable('effective', {
  'cleanup.policy':
    'LIST delete [compact, delete] MEDIUM | What is done with old segments: delete, compact, both, or (empty) neither.',
  'compression.gzip.level':
    "INT -1 [1,...,9] or -1 MEDIUM | Level of gzip for what the broker compresses; -1 is the codec's own.",
  'compression.lz4.level': 'INT 9 [1,...,17] MEDIUM | Level of lz4 for what the broker compresses.',
  'compression.type':
    'STRING producer [uncompressed, zstd, lz4, snappy, gzip, producer] MEDIUM | How batches are kept: as their producer made them, or recompressed.',
  'compression.zstd.level': 'INT 3 [-131072,...,22] MEDIUM | Level of zstd for what the broker compresses.',
  'delete.retention.ms':
    'LONG 86400000 [0,...] MEDIUM | How long a tombstone stays in a compacted log, in ms.',
  'file.delete.delay.ms':
    'LONG 60000 [0,...] MEDIUM | How long deleted files stay under another name, in ms.',
  'flush.messages':
    'LONG 9223372036854775807 [1,...] MEDIUM | Records after which the log is synced, where durability is interval.',
  'flush.ms':
    'LONG 9223372036854775807 [0,...] MEDIUM | Longest that a record stays unsynced, in ms, where durability is interval.',
  'index.interval.bytes': 'INT 4096 [0,...] MEDIUM | Bytes of log per index entry.',
  'internal.segment.bytes':
    'INT null MEDIUM internal | Segment size below the floor of segment.bytes, in bytes; for tests.',
  'max.compaction.lag.ms':
    'LONG 9223372036854775807 [1,...] MEDIUM | Longest that a record stays uncompacted, in ms.',
  'max.message.bytes': 'INT 1048588 [0,...] MEDIUM | Largest batch, in bytes.',
  'message.timestamp.after.max.ms':
    'LONG 3600000 [0,...] MEDIUM | How far in the future a timestamp may lie, in ms.',
  'message.timestamp.before.max.ms':
    'LONG 9223372036854775807 [0,...] MEDIUM | How far in the past a timestamp may lie, in ms.',
  'message.timestamp.type':
    'STRING CreateTime [CreateTime, LogAppendTime] MEDIUM | Whether records keep their timestamp or get that of the append.',
  'min.cleanable.dirty.ratio':
    'DOUBLE 0.5 [0,...,1] MEDIUM | Part of the log that must be new before it is compacted.',
  'min.compaction.lag.ms': 'LONG 0 [0,...] MEDIUM | Shortest that a record stays uncompacted, in ms.',
  'min.insync.replicas':
    'INT 1 [1,...] MEDIUM | Replicas that must have a record before acks=all is answered.',
  'retention.bytes':
    'LONG -1 MEDIUM | Size of a partition above which its oldest segments go; -1 for no limit.',
  'retention.ms': 'LONG 604800000 [-1,...] MEDIUM | Age at which segments go, in ms; -1 never.',
  'segment.bytes': 'INT 1073741824 [1048576,...] MEDIUM | Size at which a new segment is started, in bytes.',
  'segment.index.bytes':
    'INT 10485760 [4,...] MEDIUM | Size of an index at which a new segment is started, in bytes.',
  'segment.ms': 'LONG 604800000 [1,...] MEDIUM | Age at which a new segment is started, in ms.',
  'tidemark.durability':
    'STRING sync [sync, interval, os] MEDIUM | When an append is acknowledged: after the sync, after the write and synced at intervals, or after the write.',
  'unclean.leader.election.enable':
    'BOOLEAN false MEDIUM | Whether a replica outside the ISR may lead when no other lives. It loses records.',
})

/** What Kafka has besides, and what has no effect here. */
export const ineffectiveTopicConfigs = configTable('no effect', {
  'follower.replication.throttled.replicas':
    'LIST "" [partitionId]:[brokerId],[partitionId]:[brokerId],... MEDIUM | Replicas whose fetching is throttled, as partition:broker, or *.',
  'leader.replication.throttled.replicas':
    'LIST "" [partitionId]:[brokerId],[partitionId]:[brokerId],... MEDIUM | Replicas whose serving of followers is throttled, as partition:broker, or *.',
  'local.retention.bytes':
    'LONG -2 [-2,...] MEDIUM | Size of the local part of a tiered log; -2 goes by retention.bytes.',
  'local.retention.ms':
    'LONG -2 [-2,...] MEDIUM | Age of the local part of a tiered log, in ms; -2 goes by retention.ms.',
  preallocate: 'BOOLEAN false MEDIUM | Whether segments get their whole size at the start.',
  'remote.log.copy.disable': 'BOOLEAN false MEDIUM | Whether a tiered log is no longer copied away.',
  'remote.log.delete.on.disable': 'BOOLEAN false MEDIUM | Whether remote segments go when tiering ends.',
  'remote.storage.enable': 'BOOLEAN false MEDIUM | Whether the log is tiered.',
  'segment.jitter.ms': 'LONG 0 [0,...] MEDIUM | Random part of the age at which segments roll, in ms.',
})
