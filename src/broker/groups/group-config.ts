import { integerKey, type Resolved, resolveConfig } from '../../base/config-def.ts'

const minuteMs = 60 * 1000
const int32Max = 2 ** 31 - 1

/** What configures the group coordinator, under our names and under Apache Kafka's. Defaults are Kafka's. */
export const groupConfig = {
  /** Members that ask for a shorter session timeout are refused. */
  minSessionTimeoutMs: integerKey({ kafkaName: 'group.min.session.timeout.ms', default: 6000, min: 1 }),
  /** Members that ask for a longer one are refused. */
  maxSessionTimeoutMs: integerKey({
    kafkaName: 'group.max.session.timeout.ms',
    default: 30 * minuteMs,
    min: 1,
  }),
  /** How long an empty group waits for more members before its first rebalance; each that comes extends it. */
  initialRebalanceDelayMs: integerKey({
    kafkaName: 'group.initial.rebalance.delay.ms',
    default: 3000,
    min: 0,
  }),
  /** Members that a group may have. */
  maxSize: integerKey({ kafkaName: 'group.max.size', default: int32Max, min: 1, max: int32Max }),
  /** Length of the text that may go with a committed offset. */
  offsetMetadataMaxBytes: integerKey({ kafkaName: 'offset.metadata.max.bytes', default: 4096, min: 0 }),
  /** How long offsets are kept once nobody uses them. */
  offsetsRetentionMinutes: integerKey({
    kafkaName: 'offsets.retention.minutes',
    default: 7 * 24 * 60,
    min: 1,
    max: int32Max,
  }),
  /** How often offsets are looked through for those whose time is over. */
  offsetsRetentionCheckIntervalMs: integerKey({
    kafkaName: 'offsets.retention.check.interval.ms',
    default: 10 * minuteMs,
    min: 1,
  }),
} as const

/** The configuration, resolved: see {@link groupConfig}. */
export type GroupConfig = Resolved<typeof groupConfig>

/** Applies defaults and checks; see {@link resolveConfig} for the errors. */
export function resolveGroupConfig(given: Readonly<Record<string, unknown>>): GroupConfig {
  return resolveConfig(groupConfig, given)
}
