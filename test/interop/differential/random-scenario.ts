import * as fc from 'fast-check'
import { type Body, type Dialogue, list, type TopicName } from './dialogue.ts'
import type { Scenario } from './scenario.ts'
import { batchOf } from './scenarios/batches.ts'
import { commitBody, fetchAll, joinBody, produceBody, syncBody } from './scenarios/request-bodies.ts'

/** One thing that somebody does to one of two partitions, or in one of two groups. */
export type Move =
  | { readonly does: 'produce'; readonly partition: number; readonly count: number; readonly as: Producer }
  | { readonly does: 'fetch' | 'trim'; readonly partition: number; readonly offset: number }
  | { readonly does: 'list'; readonly partition: number; readonly timestamp: number }
  | { readonly does: GroupMove; readonly group: number; readonly generation: number }

type GroupMove =
  | 'join'
  | 'sync'
  | 'heartbeat'
  | 'leave'
  | 'commit'
  | 'fetch offsets'
  | 'forget'
  | 'describe'
  | 'delete'

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

const partition = fc.nat(1)
const producer = fc.oneof(
  fc.constant({ producerId: -1, producerEpoch: -1, baseSequence: -1 }),
  fc.record({
    producerId: fc.integer({ min: 500, max: 501 }),
    producerEpoch: fc.nat(1),
    baseSequence: fc.nat(5),
  }),
)
const groupMoves: readonly GroupMove[] = [
  ...(['join', 'join', 'sync', 'heartbeat', 'leave', 'commit'] as const),
  ...(['fetch offsets', 'forget', 'describe', 'delete'] as const),
]

/** Few partitions, producers and groups, so that moves come upon each other. */
export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant('produce'),
      partition,
      count: fc.integer({ min: 1, max: 3 }),
      as: producer,
    }),
    fc.record({
      does: fc.constantFrom('fetch', 'trim'),
      partition,
      offset: fc.integer({ min: -1, max: 12 }),
    }),
    fc.record({ does: fc.constant('list'), partition, timestamp: fc.integer({ min: -5, max: -1 }) }),
    fc.record({ does: fc.constantFrom(...groupMoves), group: fc.nat(1), generation: fc.nat(3) }),
  ),
  { minLength: 10, maxLength: 40, size: 'max' },
)

/** The moves as a scenario; its name keeps apart what it makes. */
export function randomScenario(name: string, taken: readonly Move[]): Scenario {
  return {
    name,
    async play(dialogue) {
      const topic = await dialogue.topic('there', { partitions: 2 })
      /** By group, who is in it: one at most, so that nobody has to be waited for. */
      const members = new Map<number, Member>()
      for (const move of taken) await take(dialogue, topic, members, move)
    },
  }
}

/** Who has an id, and maybe has joined with it. */
interface Member {
  readonly memberId: unknown
  readonly isIn: boolean
}

async function take(
  dialogue: Dialogue,
  topic: TopicName,
  members: Map<number, Member>,
  move: Move,
): Promise<void> {
  const { name } = topic
  switch (move.does) {
    case 'produce': {
      const body = produceBody(topic, batchOf(move.count, move.as), { index: move.partition })
      await dialogue.ask(`produce ${JSON.stringify(move.as)}`, 'Produce', 13, body)
      return
    }
    case 'fetch':
      await dialogue.ask(
        `fetch from ${move.offset}`,
        'Fetch',
        18,
        fetchAll(topic, move.partition, move.offset),
      )
      return
    case 'trim': {
      const partitions = [{ partitionIndex: move.partition, offset: move.offset }]
      await dialogue.ask('trim', 'DeleteRecords', 2, { topics: [{ name, partitions }], timeoutMs: 5000 })
      return
    }
    case 'list': {
      const partitions = [{ partitionIndex: move.partition, timestamp: move.timestamp }]
      const asked = { replicaId: -1, isolationLevel: 1, topics: [{ name, partitions }], timeoutMs: 5000 }
      await dialogue.ask(`special ${move.timestamp}`, 'ListOffsets', 11, asked)
      return
    }
    default:
      await takeInGroup(dialogue, topic, members, move)
  }
}

async function takeInGroup(
  dialogue: Dialogue,
  topic: TopicName,
  members: Map<number, Member>,
  { does, group, generation }: Extract<Move, { readonly group: number }>,
): Promise<void> {
  const groupId = dialogue.name(`group-${group}`)
  const { memberId = '', isIn = true } = members.get(group) ?? {}
  const identity = { groupId, memberId, groupInstanceId: null }
  const ask = (api: string, version: number, body: Body) => dialogue.ask(does, api, version, body)
  switch (does) {
    case 'join': {
      const answer = await ask('JoinGroup', 9, joinBody(groupId, { memberId }))
      members.set(group, { memberId: answer?.['memberId'], isIn: answer?.['errorCode'] === 0 })
      return
    }
    case 'sync':
      await ask('SyncGroup', 5, syncBody(groupId, memberId, generation))
      return
    case 'heartbeat':
      await ask('Heartbeat', 4, { ...identity, generationId: generation })
      return
    case 'leave': {
      // A group that nobody has ever been in is forgotten at once; Kafka keeps it until it expires.
      if (!isIn) return
      const answer = await ask('LeaveGroup', 5, { groupId, members: [{ memberId, groupInstanceId: null }] })
      if (list(answer, 'members')[0]?.['errorCode'] === 0) members.delete(group)
      return
    }
    case 'commit': {
      const generationIdOrMemberEpoch = generation === 0 ? -1 : generation
      await ask('OffsetCommit', 10, commitBody(groupId, topic, { ...identity, generationIdOrMemberEpoch }))
      return
    }
    case 'fetch offsets': {
      const groups = [{ groupId, topics: [{ ...topic, partitionIndexes: [0, 1] }] }]
      await ask('OffsetFetch', 10, { groups, requireStable: true })
      return
    }
    case 'forget': {
      const topics = [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }]
      await ask('OffsetDelete', 0, { groupId, topics })
      return
    }
    case 'describe':
      await ask('DescribeGroups', 6, { groups: [groupId], includeAuthorizedOperations: true })
      return
    case 'delete':
      await ask('DeleteGroups', 2, { groupsNames: [groupId] })
  }
}
