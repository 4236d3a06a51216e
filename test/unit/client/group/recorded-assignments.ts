import { readFileSync } from 'node:fs'
import type { TopicPartition } from '../../../../src/client/cluster/cluster-metadata.ts'
import type { AssignorCluster, MemberSubscription } from '../../../../src/client/group/assignor.ts'
import { flattened } from '../../../../src/client/cluster/topic-partitions.ts'

type Topics = Readonly<Record<string, readonly number[]>>

/** One line of the recording. */
interface Line {
  readonly assignor: string
  readonly partitionCounts: Readonly<Record<string, number>>
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly topics: readonly string[]
    readonly owned: Topics
    readonly generationId: number
    readonly userData: string | null
  }[]
  readonly assigned: Readonly<Record<string, Topics>>
}

/** What Kafka's assignor was given, and what it gave. */
export interface RecordedAssignment {
  readonly assignor: string
  readonly cluster: AssignorCluster
  readonly subscriptions: readonly MemberSubscription[]
  /** What each member says to have had, whether in its subscription or in its user data. */
  readonly owned: ReadonlyMap<string, readonly TopicPartition[]>
  readonly assigned: ReadonlyMap<string, readonly TopicPartition[]>
}

const file = new URL('../../../../data/golden/assignors/assignments.ndjson', import.meta.url)

export function recordedAssignments(): RecordedAssignment[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => recorded(JSON.parse(line) as Line))
}

function recorded({ assignor, partitionCounts, members, assigned }: Line): RecordedAssignment {
  const isCooperative = assignor === 'cooperative-sticky'
  return {
    assignor,
    cluster: { partitionCounts: new Map(Object.entries(partitionCounts)) },
    subscriptions: members.map(({ owned, userData, ...member }) => ({
      ...member,
      userData: userData === null ? null : Buffer.from(userData, 'base64'),
      ownedPartitions: isCooperative ? partitions(owned) : [],
      rackId: null,
    })),
    owned: new Map(members.map(({ memberId, owned }) => [memberId, partitions(owned)])),
    assigned: new Map(Object.entries(assigned).map(([memberId, topics]) => [memberId, partitions(topics)])),
  }
}

function partitions(topics: Topics): TopicPartition[] {
  return flattened(Object.entries(topics).map(([topic, numbers]) => ({ topic, partitions: numbers })))
}
