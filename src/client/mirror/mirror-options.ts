import {
  booleanKey,
  choiceKey,
  type ConfigKey,
  integerKey,
  type Resolved,
  resolveConfig,
} from '../../base/config-def.ts'
import type { CompressionName } from '../../batch/compression.ts'
import type { Clock } from '../../env/env.ts'
import { nodeClock } from '../../env/node-clock.ts'
import type { ConsumerSettings } from '../consumer/consumer-options.ts'
import type { MirrorEnd } from './mirror-end.ts'

/** What is mirrored, and how. */
export interface MirrorOptions {
  /** Where records come from: a `Tidemark`. It stays the caller's, to be closed by the caller. */
  readonly from: MirrorEnd
  /** Where they go. */
  readonly to: MirrorEnd
  /** Topics by name, or all that an expression matches but the internal ones. At least one. */
  readonly topics: readonly (string | RegExp)[]
  /** Groups whose committed offsets are taken over. Default: none. */
  readonly groups?: readonly (string | RegExp)[]
  /** Whether to go on with what is written later, until the signal says otherwise. Default false: up to the ends as of the start. */
  readonly follow?: boolean
  /** `read_committed` leaves out what aborted transactions have written, and waits for the end of open ones. Default `read_committed`. */
  readonly isolationLevel?: ConsumerSettings['isolationLevel']
  /** Compression of the copies. Default: that of the batch that a record came in. */
  readonly compression?: CompressionName
  /** Replicas of topics that are created. Default: the target's `default.replication.factor`. */
  readonly replicationFactor?: number
  /** How often the offsets of groups are taken over while it follows, in milliseconds. Default 10 seconds. */
  readonly groupsIntervalMs?: number
  /** How long the target must stay the same before one goes on after an unclean end, in milliseconds. Default 1 second. */
  readonly settleMs?: number
  /** Bytes of records that may be read and not yet written. Default 32 MiB. */
  readonly maxPendingBytes?: number
  /** Told of what is left out, or lost. Default: nobody. */
  readonly onWarning?: (message: string) => void
  /** Default: the computer's. */
  readonly clock?: Clock
}

const mirrorDef = {
  from: asGiven<MirrorOptions['from'] | undefined>(undefined),
  to: asGiven<MirrorOptions['to'] | undefined>(undefined),
  topics: asGiven<MirrorOptions['topics']>([]),
  groups: asGiven<NonNullable<MirrorOptions['groups']>>([]),
  follow: booleanKey({ default: false }),
  isolationLevel: choiceKey({ default: 'read_committed', choices: ['read_uncommitted', 'read_committed'] }),
  // Held against what there is where it is used, as are all that are undefined by default.
  compression: asGiven<CompressionName | undefined>(undefined),
  replicationFactor: asGiven<number | undefined>(undefined),
  groupsIntervalMs: integerKey({ default: 10_000, min: 1 }),
  settleMs: integerKey({ default: 1000, min: 0 }),
  maxPendingBytes: integerKey({ default: 32 * 1024 * 1024, min: 1 }),
  onWarning: asGiven<NonNullable<MirrorOptions['onWarning']>>(() => {}),
  clock: asGiven<Clock | undefined>(undefined),
} as const

/** Everything decided. */
export interface ResolvedMirrorOptions extends Omit<Resolved<typeof mirrorDef>, 'from' | 'to' | 'clock'> {
  readonly source: MirrorEnd
  readonly target: MirrorEnd
  readonly clock: Clock
}

/**
 * Applies defaults and checks, once.
 *
 * @throws TypeError for an unknown name, or when there is nothing to mirror, or nowhere to; RangeError for a number out of range
 */
export function resolveMirrorOptions(options: MirrorOptions): ResolvedMirrorOptions {
  const { from: source, to: target, clock = nodeClock(), ...rest } = resolveConfig(mirrorDef, { ...options })
  if (rest.topics.length === 0) throw new TypeError('say which topics are to be mirrored')
  if (source === undefined || target === undefined) throw new TypeError('a mirror needs both from and to')
  if (source === target) throw new TypeError('the source and the target of a mirror are the same')
  return { ...rest, source, target, clock }
}

function asGiven<T>(standard: T): ConfigKey<T> {
  return { default: standard, parse: (_, value) => value as T }
}
