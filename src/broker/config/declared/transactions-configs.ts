import { configTable } from '../config-table.ts'

/** Transactions and their log. */
export const transactionsConfigs = configTable('effective', {
  'transaction.abort.timed.out.transaction.cleanup.interval.ms':
    'INT 10000 [1,...] LOW | How often transactions that ran out of time are aborted, in ms.',
  'transaction.max.timeout.ms':
    'INT 900000 [1,...] HIGH | Longest timeout that a producer may ask for, in ms.',
  'transaction.partition.verification.enable':
    'BOOLEAN true LOW cluster-wide | Whether a produce request must belong to an open transaction (KIP-890).',
  'transaction.remove.expired.transaction.cleanup.interval.ms':
    'INT 3600000 [1,...] LOW | How often outlived transactional ids are looked for, in ms.',
  'transaction.state.log.load.buffer.size':
    'INT 5242880 [1,...] HIGH | Bytes read at once when a coordinator loads its transactions.',
  'transaction.state.log.min.isr':
    'INT 1 [1,...] HIGH | Replicas that must have a record of the transaction log.',
  'transaction.state.log.num.partitions':
    'INT 50 [1,...] HIGH | Partitions of the transaction log; not to be changed once there are transactions.',
  'transaction.state.log.replication.factor': 'SHORT 1 [1,...] HIGH | Replicas of the transaction log.',
  'transaction.state.log.segment.bytes':
    'INT 104857600 [1,...] HIGH | Segment size of the transaction log, in bytes.',
  'transactional.id.expiration.ms':
    'INT 604800000 [1,...] HIGH | How long a silent transactional id is remembered, in ms.',
})

/** What Kafka has besides, and what has no effect here. */
export const ineffectiveTransactionsConfigs = configTable('no effect', {
  'add.partitions.to.txn.retry.backoff.max.ms':
    'INT 100 [0,...] HIGH | Longest pause before the broker asks again to add a partition, in ms.',
  'add.partitions.to.txn.retry.backoff.ms':
    'INT 20 [1,...] HIGH | Pause before the broker asks again to add a partition, in ms.',
  'transaction.two.phase.commit.enable':
    'BOOLEAN false LOW | Whether an outside coordinator may hold transactions open (KIP-939).',
})
