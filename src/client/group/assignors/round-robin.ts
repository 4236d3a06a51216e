import { AssignmentLists, type Assignor, compareMembers, partitionsOf, wantedTopics } from '../assignor.ts'

/**
 * Kafka's `roundrobin`: deals the partitions of all topics out in turns, passing over members that do not want the
 * topic. Even when all members subscribe alike; otherwise the sticky assignors are better.
 */
export function roundRobinAssignor(): Assignor {
  return {
    name: 'roundrobin',
    assign(cluster, subscriptions) {
      const members = subscriptions
        .toSorted(compareMembers)
        .map(({ memberId, topics }) => ({ memberId, topics: new Set(topics) }))
      const lists = new AssignmentLists(members)
      let turn = 0
      const topics = wantedTopics(cluster, subscriptions)
      for (const partition of topics.flatMap((topic) => partitionsOf(topic, cluster))) {
        // Somebody wants the topic, or it would not be among those that are dealt out.
        while (members[turn % members.length]?.topics.has(partition.topic) !== true) turn++
        lists.give(members[turn % members.length]?.memberId ?? '', partition)
        turn++
      }
      return lists.toAssignments()
    },
  }
}
