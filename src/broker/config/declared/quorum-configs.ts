import { configTable } from '../config-table.ts'

/** Kafka's own consensus among controllers (KRaft), which is not used here. */
export const ineffectiveQuorumConfigs = configTable('no effect', {
  'broker.heartbeat.interval.ms':
    'INT 2000 MEDIUM | How often a broker tells its controller that it lives, in ms.',
  'broker.session.timeout.ms': 'INT 9000 MEDIUM | A broker silent for so many ms is taken for dead.',
  'controller.listener.names': 'LIST "" HIGH | Listeners of the controllers.',
  'controller.performance.always.log.threshold.ms':
    'LONG 2000 [0,...] MEDIUM internal | Controller events slower than so many ms are logged.',
  'controller.performance.sample.period.ms':
    'LONG 60000 [100,...] MEDIUM internal | How often the controller logs how fast it is, in ms.',
  'controller.quorum.append.linger.ms':
    "INT 25 [0,...] MEDIUM | How long the quorum's leader gathers writes, in ms.",
  'controller.quorum.auto.join.enable':
    'BOOLEAN false LOW | Whether a controller joins the quorum by itself.',
  'controller.quorum.bootstrap.servers': 'LIST "" non-empty list HIGH | Where to find the quorum.',
  'controller.quorum.election.backoff.max.ms':
    'INT 1000 [0,...] HIGH | Longest pause before another election, in ms.',
  'controller.quorum.election.timeout.ms': 'INT 1000 [0,...] HIGH | How long an election may take, in ms.',
  'controller.quorum.fetch.max.bytes':
    'INT 1048576 [1,...] LOW | Most bytes of one fetch of the metadata log.',
  'controller.quorum.fetch.snapshot.max.bytes':
    'INT 1048576 [1,...] LOW | Most bytes of one fetch of a snapshot.',
  'controller.quorum.fetch.timeout.ms':
    'INT 2000 [0,...] HIGH | A quorum without fetches for so many ms elects anew.',
  'controller.quorum.request.timeout.ms':
    'INT 2000 [0,...] MEDIUM | How long a request within the quorum may take, in ms.',
  'controller.quorum.retry.backoff.ms':
    'INT 20 [0,...] LOW | Pause before a request within the quorum is made again, in ms.',
  'controller.quorum.voters': 'LIST "" non-empty list HIGH | Members of the quorum, as id@host:port.',
  'initial.broker.registration.timeout.ms':
    'INT 60000 MEDIUM | How long a starting broker may take to register, in ms.',
  'internal.metadata.delete.delay.millis':
    'LONG 60000 LOW internal | How long deleted metadata files stay, in ms.',
  'internal.metadata.log.segment.bytes':
    'INT null LOW internal | Segment size of the metadata log in tests, in bytes.',
  'internal.metadata.max.batch.size.in.bytes':
    'INT 8388608 LOW internal | Largest batch of the metadata log, in bytes.',
  'metadata.log.dir': 'STRING null HIGH | Directory of the metadata log.',
  'metadata.log.max.record.bytes.between.snapshots':
    'LONG 20971520 [1,...] HIGH | Bytes of the metadata log between two snapshots.',
  'metadata.log.max.snapshot.interval.ms':
    'LONG 3600000 [0,...] HIGH | Longest time between two snapshots, in ms.',
  'metadata.log.segment.bytes':
    'INT 1073741824 [8388608,...] HIGH | Segment size of the metadata log, in bytes.',
  'metadata.log.segment.ms':
    'LONG 604800000 HIGH | Age at which the metadata log starts a new segment, in ms.',
  'metadata.max.idle.interval.ms': 'INT 500 [0,...] LOW | How often an idle quorum writes a record, in ms.',
  'metadata.max.retention.bytes': 'LONG 104857600 HIGH | Size at which old metadata goes, in bytes.',
  'metadata.max.retention.ms': 'LONG 604800000 HIGH | Age at which old metadata goes, in ms.',
  'process.roles':
    'LIST broker,controller [broker, controller] HIGH | Whether a process is broker, controller or both; here always both.',
  'server.max.startup.time.ms':
    'LONG 9223372036854775807 [0,...] MEDIUM internal | How long starting may take, in ms.',
})
