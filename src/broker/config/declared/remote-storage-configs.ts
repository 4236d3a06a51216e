import { configTable } from '../config-table.ts'

/** Tiered storage (KIP-405), which is not there. */
export const ineffectiveRemoteStorageConfigs = configTable('no effect', {
  'log.local.retention.bytes':
    'LONG -2 [-2,...] MEDIUM cluster-wide | Size of the local part of a tiered log; -2 goes by retention.bytes.',
  'log.local.retention.ms':
    'LONG -2 [-2,...] MEDIUM cluster-wide | Age of the local part of a tiered log, in ms; -2 goes by retention.ms.',
  'remote.fetch.max.wait.ms':
    'INT 500 [1,...] MEDIUM cluster-wide | How long a fetch waits for remote storage, in ms.',
  'remote.list.offsets.request.timeout.ms':
    'LONG 30000 [1,...] MEDIUM cluster-wide | How long a look-up in remote storage may take, in ms.',
  'remote.log.index.file.cache.total.size.bytes':
    'LONG 1073741824 [1,...] LOW cluster-wide | Room for the indexes of remote segments, in bytes.',
  'remote.log.index.file.cache.ttl.ms':
    'LONG 900000 [-1,...] LOW internal | How long an unused remote index is kept, in ms.',
  'remote.log.manager.copier.thread.pool.size':
    'INT 10 [1,...] MEDIUM cluster-wide | Threads that copy segments away.',
  'remote.log.manager.copy.max.bytes.per.second':
    'LONG 9223372036854775807 [1,...] MEDIUM cluster-wide | Bytes per second copied to remote storage.',
  'remote.log.manager.copy.quota.window.num': 'INT 11 [1,...] MEDIUM | Samples of the quota for copying.',
  'remote.log.manager.copy.quota.window.size.seconds':
    'INT 1 [1,...] MEDIUM | Seconds per sample of the quota for copying.',
  'remote.log.manager.expiration.thread.pool.size':
    'INT 10 [1,...] MEDIUM cluster-wide | Threads that delete remote segments.',
  'remote.log.manager.fetch.max.bytes.per.second':
    'LONG 9223372036854775807 [1,...] MEDIUM cluster-wide | Bytes per second fetched from remote storage.',
  'remote.log.manager.fetch.quota.window.num': 'INT 11 [1,...] MEDIUM | Samples of the quota for fetching.',
  'remote.log.manager.fetch.quota.window.size.seconds':
    'INT 1 [1,...] MEDIUM | Seconds per sample of the quota for fetching.',
  'remote.log.manager.follower.thread.pool.size':
    'INT 2 [1,...] MEDIUM cluster-wide | Threads for the remote logs of followers.',
  'remote.log.manager.task.interval.ms':
    'LONG 30000 [1,...] LOW | How often remote work is looked for, in ms.',
  'remote.log.manager.task.retry.backoff.max.ms':
    'LONG 30000 [1,...] LOW internal | Longest pause after failed remote work, in ms.',
  'remote.log.manager.task.retry.backoff.ms':
    'LONG 500 [1,...] LOW internal | First pause after failed remote work, in ms.',
  'remote.log.manager.task.retry.jitter':
    'DOUBLE 0.2 [0,...,0.5] LOW internal | Random part of the pause after failed remote work.',
  'remote.log.manager.thread.pool.size': 'INT 2 [1,...] MEDIUM | Threads for remote work.',
  'remote.log.metadata.custom.metadata.max.bytes':
    'INT 128 [0,...] LOW | Largest metadata that a plug-in may attach to a segment, in bytes.',
  'remote.log.metadata.manager.class.name':
    'STRING org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager non-empty string MEDIUM | Class that keeps the metadata of remote segments; Java only.',
  'remote.log.metadata.manager.class.path': 'STRING null MEDIUM | Where that class is.',
  'remote.log.metadata.manager.impl.prefix':
    'STRING rlmm.config. non-empty string MEDIUM | Prefix of the configs of that class.',
  'remote.log.metadata.manager.listener.name':
    'STRING null non-empty string MEDIUM | Listener by which that class reaches the brokers.',
  'remote.log.reader.max.pending.tasks': 'INT 100 [1,...] MEDIUM | Remote reads that may wait.',
  'remote.log.reader.threads': 'INT 10 [1,...] MEDIUM cluster-wide | Threads that read from remote storage.',
  'remote.log.storage.manager.class.name':
    'STRING null non-empty string MEDIUM | Class that is the remote storage; Java only.',
  'remote.log.storage.manager.class.path': 'STRING null MEDIUM | Where that class is.',
  'remote.log.storage.manager.impl.prefix':
    'STRING rsm.config. non-empty string MEDIUM | Prefix of the configs of that class.',
  'remote.log.storage.system.enable': 'BOOLEAN false MEDIUM | Whether topics may have remote storage.',
})
