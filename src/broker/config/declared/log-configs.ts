import { configTable } from '../config-table.ts'

/** How topics are kept on the disk unless they say otherwise. */
export const logConfigs = configTable('effective', {
  'compression.gzip.level':
    "INT -1 [1,...,9] or -1 MEDIUM cluster-wide | Level of gzip for what the broker compresses; -1 is the codec's own.",
  'compression.lz4.level':
    'INT 9 [1,...,17] MEDIUM cluster-wide | Level of lz4 for what the broker compresses.',
  'compression.type':
    'STRING producer [uncompressed, zstd, lz4, snappy, gzip, producer] HIGH cluster-wide | How batches are kept: as their producer made them, or recompressed.',
  'compression.zstd.level':
    'INT 3 [-131072,...,22] MEDIUM cluster-wide | Level of zstd for what the broker compresses.',
  'log.cleaner.backoff.ms':
    'LONG 15000 [0,...] MEDIUM cluster-wide | How long the cleaner rests, in ms, when no log needs it.',
  'log.cleaner.dedupe.buffer.size':
    'LONG 134217728 MEDIUM cluster-wide | Memory for the keys of one pass of the cleaner, in bytes.',
  'log.cleaner.delete.retention.ms':
    'LONG 86400000 [0,...] MEDIUM cluster-wide | How long a tombstone stays in a compacted log, in ms.',
  'log.cleaner.enable': 'BOOLEAN true MEDIUM | Whether logs are compacted at all.',
  'log.cleaner.io.max.bytes.per.second':
    'DOUBLE 1.7976931348623157E308 MEDIUM cluster-wide | Bytes per second that the cleaner reads and writes.',
  'log.cleaner.max.compaction.lag.ms':
    'LONG 9223372036854775807 [1,...] MEDIUM cluster-wide | Longest that a record stays uncompacted, in ms.',
  'log.cleaner.min.cleanable.ratio':
    'DOUBLE 0.5 [0,...,1] MEDIUM cluster-wide | Part of a log that must be new before it is compacted.',
  'log.cleaner.min.compaction.lag.ms':
    'LONG 0 [0,...] MEDIUM cluster-wide | Shortest that a record stays uncompacted, in ms.',
  'log.cleanup.policy':
    'LIST delete [compact, delete] MEDIUM cluster-wide | What is done with old segments: delete, compact, both, or (empty) neither.',
  'log.dir': 'LIST tidemark-data HIGH | Directory of the logs, unless log.dirs names some.',
  'log.dirs': 'LIST null HIGH | Directories of the logs; null for the one of log.dir.',
  'log.flush.interval.messages':
    'LONG 9223372036854775807 [1,...] HIGH cluster-wide | Records after which a log is synced, where durability is interval.',
  'log.flush.interval.ms':
    'LONG null HIGH cluster-wide | Longest that a record stays unsynced, in ms, where durability is interval.',
  'log.flush.scheduler.interval.ms':
    'LONG 9223372036854775807 HIGH | What log.flush.interval.ms is when it is not set.',
  'log.index.interval.bytes': 'INT 4096 [0,...] MEDIUM cluster-wide | Bytes of log per index entry.',
  'log.index.size.max.bytes':
    'INT 10485760 [4,...] MEDIUM cluster-wide | Size of an index at which a new segment is started, in bytes.',
  'log.flush.offset.checkpoint.interval.ms':
    'INT 60000 [0,...] HIGH | How often the recovery points of all partitions are written to their checkpoint, in ms.',
  'log.message.timestamp.after.max.ms':
    'LONG 3600000 [0,...] MEDIUM cluster-wide | How far in the future a timestamp may lie, in ms.',
  'log.message.timestamp.before.max.ms':
    'LONG 9223372036854775807 [0,...] MEDIUM cluster-wide | How far in the past a timestamp may lie, in ms.',
  'log.message.timestamp.type':
    'STRING CreateTime [CreateTime, LogAppendTime] MEDIUM cluster-wide | Whether records keep their timestamp or get that of the append.',
  'log.retention.bytes':
    'LONG -1 HIGH cluster-wide | Size of a partition above which its oldest segments go; -1 for no limit.',
  'log.retention.check.interval.ms': 'LONG 300000 [1,...] MEDIUM | How often retention is looked at, in ms.',
  'log.retention.hours':
    'INT 168 HIGH | Age at which segments go, in hours; -1 never. log.retention.minutes goes before.',
  'log.retention.minutes':
    'INT null HIGH | Age at which segments go, in minutes; -1 never. log.retention.ms goes before.',
  'log.retention.ms':
    'LONG null HIGH cluster-wide | Age at which segments go, in ms; -1 never. null asks log.retention.minutes.',
  'log.roll.hours': 'INT 168 [1,...] HIGH | Age at which a new segment is started, in hours.',
  'log.roll.ms':
    'LONG null HIGH cluster-wide | Age at which a new segment is started, in ms; null asks log.roll.hours.',
  'log.segment.bytes':
    'INT 1073741824 [1048576,...] HIGH cluster-wide | Size at which a new segment is started, in bytes.',
  'log.segment.delete.delay.ms':
    'LONG 60000 [0,...] HIGH cluster-wide | How long deleted files stay under another name, in ms.',
  'message.max.bytes': 'INT 1048588 [0,...] HIGH cluster-wide | Largest batch, in bytes.',
  'producer.id.expiration.ms':
    'INT 86400000 [1,...] LOW cluster-wide | How long an idempotent producer that is silent is remembered, in ms.',
  'tidemark.durability':
    'STRING sync [sync, interval, os] HIGH cluster-wide | When an append is acknowledged: after the sync, after the write and synced at intervals, or after the write.',
})

/** What Kafka has besides, and what has no effect here. */
export const ineffectiveLogConfigs = configTable('no effect', {
  'alter.log.dirs.replication.quota.window.num':
    'INT 11 [1,...] LOW | Samples of the quota for moving logs between directories.',
  'alter.log.dirs.replication.quota.window.size.seconds':
    'INT 1 [1,...] LOW | Seconds per sample of the quota for moving logs between directories.',
  'cordoned.log.dirs': 'LIST "" MEDIUM per-broker | Directories that take no new partitions.',
  'log.cleaner.io.buffer.load.factor':
    "DOUBLE 0.9 MEDIUM cluster-wide | How full the cleaner's table of keys may get; here it is sized by its keys.",
  'log.cleaner.io.buffer.size':
    "INT 524288 [0,...] MEDIUM cluster-wide | The cleaner's buffers, in bytes; here it uses the sizes of reading.",
  'log.cleaner.threads':
    'INT 1 [0,...] MEDIUM cluster-wide | Threads of the cleaner; here one log is cleaned at a time.',
  'log.dir.failure.timeout.ms':
    'LONG 30000 [1,...] LOW | How long a broker without its directory goes on, in ms.',
  'log.flush.start.offset.checkpoint.interval.ms':
    'INT 60000 [0,...] HIGH | How often start offsets are written, in ms; here at once.',
  'log.initial.task.delay.ms':
    'LONG 30000 [0,...] LOW internal | Wait before the first background work, in ms.',
  'log.preallocate':
    'BOOLEAN false MEDIUM cluster-wide | Whether segments get their whole size at the start.',
  'log.roll.jitter.hours': 'INT 0 [0,...] HIGH | Random part of the age at which segments roll, in hours.',
  'log.roll.jitter.ms': 'LONG null HIGH cluster-wide | Random part of the age at which segments roll, in ms.',
  'num.recovery.threads.per.data.dir':
    'INT 2 [1,...] HIGH cluster-wide | Threads that recover logs at the start.',
  'num.replica.alter.log.dirs.threads': 'INT null HIGH | Threads that move logs between directories.',
  'producer.id.expiration.check.interval.ms':
    'INT 600000 [1,...] LOW internal | How often silent producers are looked for, in ms.',
})
