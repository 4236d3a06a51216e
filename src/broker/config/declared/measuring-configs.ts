import { configTable } from '../config-table.ts'

/** Metrics, quotas and what else a Java broker is told. */
export const ineffectiveMeasuringConfigs = configTable('no effect', {
  'config.providers': 'LIST "" LOW cluster-wide | Classes that fill in values from elsewhere; Java only.',
  'controller.quota.window.num': 'INT 11 [1,...] LOW | Samples of the quota for changes to topics.',
  'controller.quota.window.size.seconds':
    'INT 1 [1,...] LOW | Seconds per sample of the quota for changes to topics.',
  'kafka.metrics.polling.interval.secs':
    'INT 10 [1,...] LOW | How often the older metrics are reported, in seconds.',
  'kafka.metrics.reporters': 'LIST "" LOW | Classes that report the older metrics; Java only.',
  'metric.reporters':
    'LIST org.apache.kafka.common.metrics.JmxReporter LOW cluster-wide | Classes that report metrics; Java only.',
  'metrics.num.samples': 'INT 2 [1,...] LOW | Samples of a metric.',
  'metrics.recording.level': 'STRING INFO LOW | Which metrics are recorded.',
  'metrics.sample.window.ms': 'LONG 30000 [1,...] LOW | Length of a sample of a metric, in ms.',
  'quota.window.num': 'INT 11 [1,...] LOW | Samples of the quotas of clients.',
  'quota.window.size.seconds': 'INT 1 [1,...] LOW | Seconds per sample of the quotas of clients.',
  'replication.quota.window.num': 'INT 11 [1,...] LOW | Samples of the quota for replication.',
  'replication.quota.window.size.seconds':
    'INT 1 [1,...] LOW | Seconds per sample of the quota for replication.',
  'telemetry.max.bytes':
    'INT 1048576 [1,...] LOW | Largest report of metrics that a client may push (KIP-714), in bytes.',
})
