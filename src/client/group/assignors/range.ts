import { AssignmentLists, type Assignor, compareMembers, partitionsOf, wantedTopics } from '../assignor.ts'

/**
 * Kafka's `range`: topic by topic, each member gets a run of neighbouring partitions, the first members one more when
 * the number does not divide. Topics of as many partitions are cut alike, so that the same keys of two topics meet at
 * one member. Racks (KIP-881) are not considered.
 */
export function rangeAssignor(): Assignor {
  return {
    name: 'range',
    assign(cluster, subscriptions) {
      const members = subscriptions.toSorted(compareMembers)
      const lists = new AssignmentLists(members)
      for (const topic of wantedTopics(cluster, members)) {
        const takers = members.filter(({ topics }) => topics.includes(topic))
        const partitions = partitionsOf(topic, cluster)
        const evenCount = Math.floor(partitions.length / takers.length)
        const largerCount = partitions.length % takers.length
        let start = 0
        for (const [index, { memberId }] of takers.entries()) {
          const end = start + evenCount + (index < largerCount ? 1 : 0)
          lists.give(memberId, ...partitions.slice(start, end))
          start = end
        }
      }
      return lists.toAssignments()
    },
  }
}
