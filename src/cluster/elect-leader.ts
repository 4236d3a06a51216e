import type { PartitionLeadership } from './znodes.ts'

/** Who may lead. */
export interface Candidates {
  /** In assignment order. */
  readonly replicas: readonly number[]
  readonly isLive: (broker: number) => boolean
  /** Whether a replica out of the ISR may lead when nobody else is left, losing what it lacks. */
  readonly unclean: boolean
}

/**
 * The first replica in assignment order that is alive and in the ISR leads, in the next epoch; the ISR is what of it
 * is alive. When nobody of the ISR is, the partition has no leader and keeps its ISR, for it is among them that
 * everything acknowledged is.
 */
export function electLeader(
  state: Omit<PartitionLeadership, 'controllerEpoch'>,
  { replicas, isLive, unclean }: Candidates,
): Omit<PartitionLeadership, 'controllerEpoch'> {
  const leaderEpoch = state.leaderEpoch + 1
  const liveIsr = state.isr.filter(isLive)
  const leader = replicas.find((broker) => liveIsr.includes(broker))
  if (leader !== undefined) return { leader, leaderEpoch, isr: liveIsr }
  const straggler = unclean ? replicas.find(isLive) : undefined
  if (straggler !== undefined) return { leader: straggler, leaderEpoch, isr: [straggler] }
  return { leader: -1, leaderEpoch, isr: state.isr }
}
