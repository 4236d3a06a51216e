import { integerKey, resolveConfig, type Resolved } from '../../base/config-def.ts'
import type { Assignor, RebalanceProtocol } from './assignor.ts'
import { rangeAssignor } from './assignors/range.ts'
import { roundRobinAssignor } from './assignors/round-robin.ts'
import { cooperativeStickyAssignor, stickyAssignor } from './assignors/sticky.ts'

const int32Max = 2 ** 31 - 1

/** Deadlines of a member of a group. Kafka's names are accepted. */
export const membershipDef = {
  /** How long a member may be silent before its partitions go to others. Brokers have limits of their own. Default 45 seconds. */
  sessionTimeoutMs: integerKey({
    kafkaName: 'session.timeout.ms',
    default: 45_000,
    min: 1,
    max: int32Max,
  }),
  /** How often it says that it is alive. At most a third of the session is a good choice. Default 3 seconds. */
  heartbeatIntervalMs: integerKey({
    kafkaName: 'heartbeat.interval.ms',
    default: 3000,
    min: 1,
    max: int32Max,
  }),
  /**
   * How long the application may take between two records, or batches, before its partitions go to others; and how long the
   * others wait for it in a rebalance. Default 5 minutes.
   */
  maxPollIntervalMs: integerKey({
    kafkaName: 'max.poll.interval.ms',
    default: 300_000,
    min: 1,
    max: int32Max,
  }),
} as const

/** The assignors that Kafka's clients have, by Kafka's names. */
export type AssignorName = 'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky'

/** How a member of a group behaves. */
export interface GroupMembershipOptions extends Partial<Resolved<typeof membershipDef>> {
  readonly groupId: string
  /**
   * Kafka's `group.instance.id` (KIP-345): a name of its own, under which a member that is started again gets back what it
   * had, without a rebalance, if it is back within the session. Default: none.
   */
  readonly groupInstanceId?: string
  /**
   * Kafka's `partition.assignment.strategy`: in order of preference; the group takes one that all members have.
   * A group of cooperative ones only rebalances without stopping. Default `['range', 'cooperative-sticky']`, which is eager
   * and can be changed to cooperative one member after the other.
   */
  readonly assignors?: readonly (AssignorName | Assignor)[]
  /** Kafka's `client.rack`, for assignors of other members that know racks. Default: none. */
  readonly rackId?: string
}

/** Every option, decided. */
export interface MembershipSettings extends Resolved<typeof membershipDef> {
  readonly groupId: string
  readonly groupInstanceId: string | null
  readonly assignors: readonly Assignor[]
  readonly protocol: RebalanceProtocol
  readonly rackId: string | null
}

const makers: Readonly<Record<AssignorName, () => Assignor>> = {
  range: rangeAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  'cooperative-sticky': cooperativeStickyAssignor,
}

/**
 * Applies defaults and checks, once.
 *
 * @throws TypeError for an unknown option or assignor; RangeError for a value out of range
 */
export function resolveMembership(options: GroupMembershipOptions): MembershipSettings {
  const {
    groupId,
    groupInstanceId = null,
    assignors: given = ['range', 'cooperative-sticky'],
    rackId = null,
    ...deadlines
  } = options
  if (groupId === '') throw new TypeError('groupId is empty: a group has a name')
  if (groupInstanceId === '')
    throw new TypeError('groupInstanceId is empty: leave it out for a dynamic member')
  const resolved = resolveConfig(membershipDef, deadlines)
  if (resolved.heartbeatIntervalMs >= resolved.sessionTimeoutMs)
    throw new RangeError(
      `heartbeatIntervalMs = ${resolved.heartbeatIntervalMs} must be less than sessionTimeoutMs = ${resolved.sessionTimeoutMs}`,
    )
  const assignors = resolveAssignors(given)
  return { ...resolved, groupId, groupInstanceId, rackId, assignors, protocol: commonProtocol(assignors) }
}

/** Makes the assignors that are named. @throws TypeError for names that are none, or are given twice */
function resolveAssignors(given: readonly (AssignorName | Assignor)[]): Assignor[] {
  if (given.length === 0) throw new TypeError('assignors is empty: a group needs at least one')
  const assignors = given.map((each) => (typeof each === 'string' ? made(each) : each))
  const names = new Set(assignors.map(({ name }) => name))
  if (names.size < assignors.length) throw new TypeError('assignors has two of the same name')
  return assignors
}

function made(name: AssignorName): Assignor {
  if (Object.hasOwn(makers, name)) return makers[name]()
  const known = Object.keys(makers).join(', ')
  throw new TypeError(`there is no assignor '${name}': take one of ${known}, or an object of your own`)
}

/** Eager as soon as one of them is: then nobody may keep anything while the group rebalances. */
function commonProtocol(assignors: readonly Assignor[]): RebalanceProtocol {
  return assignors.every(({ protocol }) => protocol === 'cooperative') ? 'cooperative' : 'eager'
}
