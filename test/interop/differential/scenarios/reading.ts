import type { Body, Dialogue, TopicName } from '../dialogue.ts'
import { type Scenario, versionsOf } from '../scenario.ts'
import { batchOf, thenMs } from './batches.ts'
import { fetchBody, fetchOf, type FetchTraits, produceBody, unknownId } from './request-bodies.ts'
import { zeroUuid } from '../../../../src/wire/uuid.ts'

const fetches: Scenario = {
  name: 'fetches',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 3 })
    for (const count of [3, 1, 2, 4])
      await dialogue.prepare('Produce', 13, produceBody(topic, batchOf(count)))
    await dialogue.prepare('Produce', 13, produceBody(topic, batchOf(2), { index: 1 }))
    const trim = { name: topic.name, partitions: [{ partitionIndex: 0, offset: 2 }] }
    await dialogue.prepare('DeleteRecords', 2, { topics: [trim], timeoutMs: 5000 })
    const nowhere = { name: dialogue.name('nowhere'), topicId: unknownId }
    for (const version of versionsOf('Fetch')) {
      const ask = (step: string, asked: Body, traits?: FetchTraits) =>
        dialogue.ask(step, 'Fetch', version, fetchBody([asked], traits))
      for (const fetchOffset of [-2, -1, 0, 1, 2, 3, 5, 9, 10, 11, 999])
        await ask(`from ${fetchOffset}`, fetchOf(topic, { fetchOffset }))
      await ask('committed only', fetchOf(topic, { fetchOffset: 2 }), { isolationLevel: 1 })
      await ask('isolation that there is not', fetchOf(topic, { fetchOffset: 2 }), { isolationLevel: 2 })
      await ask('unknown topic', fetchOf(nowhere))
      await ask('unknown partition', fetchOf(topic, { partition: 3 }))
      await ask('negative partition', fetchOf(topic, { partition: -1 }))
      await ask('no id', fetchOf({ name: '', topicId: zeroUuid }))
      for (const currentLeaderEpoch of [0, 1, 7, -2])
        await ask(
          `leader epoch ${currentLeaderEpoch}`,
          fetchOf(topic, { fetchOffset: 2, currentLeaderEpoch }),
        )
      for (const lastFetchedEpoch of [0, 1])
        await ask(`fetched epoch ${lastFetchedEpoch}`, fetchOf(topic, { fetchOffset: 5, lastFetchedEpoch }))
      for (const partitionMaxBytes of [-1, 0, 1, 100, 150, 250])
        await ask(
          `at most ${partitionMaxBytes} of the partition`,
          fetchOf(topic, { fetchOffset: 2, partitionMaxBytes }),
        )
      const both = fetchOf(topic, { fetchOffset: 2 }, { partition: 1 }, { partition: 2 })
      for (const maxBytes of [-1, 0, 1, 200, 300, 420])
        await ask(`at most ${maxBytes} in all`, both, { maxBytes })
      await ask('first one fails', fetchOf(topic, { partition: 9 }, { partition: 1 }))
      await ask('the same twice', fetchOf(topic, { fetchOffset: 2 }, { fetchOffset: 5 }))
      await ask('no wait', fetchOf(topic, { fetchOffset: 10 }), { minBytes: 1 })
      await ask('a short wait', fetchOf(topic, { fetchOffset: 10 }), { minBytes: 1, maxWaitMs: 5 })
      await ask('more than there is', fetchOf(topic, { fetchOffset: 5 }), { minBytes: 9000, maxWaitMs: 5 })
      await ask('an error does not wait', fetchOf(topic, { fetchOffset: 99 }), {
        minBytes: 1,
        maxWaitMs: 9000,
      })
      await ask('negative wait', fetchOf(topic, { fetchOffset: 10 }), { minBytes: 1, maxWaitMs: -1 })
      await dialogue.ask('nothing', 'Fetch', version, fetchBody([]))
    }
  },
}

const sessions: Scenario = {
  name: 'fetch sessions',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 3 })
    for (const index of [0, 1])
      await dialogue.prepare('Produce', 13, produceBody(topic, batchOf(2), { index }))
    for (const version of versionsOf('Fetch').filter((each) => each >= 7)) {
      const ask = (step: string, topics: readonly Body[], traits: FetchTraits) =>
        dialogue.ask(step, 'Fetch', version, fetchBody(topics, traits))
      const first = await ask('new', [fetchOf(topic, {}, { partition: 1 }, { partition: 2 })], {
        sessionEpoch: 0,
      })
      const sessionId = first?.['sessionId']
      await ask('incremental, all again', [], { sessionId, sessionEpoch: 1 })
      await ask('gone on', [fetchOf(topic, { fetchOffset: 2 }, { partition: 1, fetchOffset: 2 })], {
        sessionId,
        sessionEpoch: 2,
      })
      await ask('nothing new', [], { sessionId, sessionEpoch: 3 })
      await dialogue.prepare('Produce', 13, produceBody(topic, batchOf(1), { index: 2 }))
      await ask('something new', [], { sessionId, sessionEpoch: 4 })
      await ask('the same epoch again', [], { sessionId, sessionEpoch: 4 })
      await ask('epoch left out', [], { sessionId, sessionEpoch: 9 })
      const forgottenTopicsData = [{ topic: topic.name, topicId: topic.topicId, partitions: [2, 5] }]
      await ask('forgetting one', [], { sessionId, sessionEpoch: 5, forgottenTopicsData })
      await ask('error in a session', [fetchOf(topic, { fetchOffset: 99 })], { sessionId, sessionEpoch: 6 })
      await ask('error again', [], { sessionId, sessionEpoch: 7 })
      await ask('unknown partition in a session', [fetchOf(topic, { partition: 7 })], {
        sessionId,
        sessionEpoch: 8,
      })
      await ask('unknown session', [], { sessionId: 12_345, sessionEpoch: 1 })
      await ask('no session, an epoch', [], { sessionId: 0, sessionEpoch: 5 })
      await ask('session closed', [fetchOf(topic)], { sessionId, sessionEpoch: -1 })
      await ask('after it was closed', [], { sessionId, sessionEpoch: 9 })
      const second = await ask('another', [fetchOf(topic)], { sessionEpoch: 0 })
      await ask('begun anew', [fetchOf(topic)], { sessionId: second?.['sessionId'], sessionEpoch: 0 })
      await ask('none', [fetchOf(topic)], { sessionId: 0, sessionEpoch: -1 })
      await ask('new and empty', [], { sessionEpoch: 0 })
    }
  },
}

const listing: Scenario = {
  name: 'listed offsets',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 2 })
    for (const count of [3, 1, 2]) await dialogue.prepare('Produce', 13, produceBody(topic, batchOf(count)))
    const trim = { name: topic.name, partitions: [{ partitionIndex: 0, offset: 2 }] }
    await dialogue.prepare('DeleteRecords', 2, { topics: [trim], timeoutMs: 5000 })
    for (const version of versionsOf('ListOffsets')) {
      const ask = (step: string, partition: Body, traits: Body = {}) => {
        const partitions = [{ partitionIndex: 0, timestamp: -1, ...partition }]
        const topics = [{ name: topic.name, partitions }]
        return dialogue.ask(step, 'ListOffsets', version, {
          replicaId: -1,
          isolationLevel: 0,
          topics,
          timeoutMs: 5000,
          ...traits,
        })
      }
      for (const timestamp of [
        -1,
        -2,
        -3,
        -4,
        -5,
        -6,
        -7,
        -100,
        0,
        thenMs,
        thenMs + 1,
        thenMs + 2,
        thenMs + 9,
      ])
        for (const partitionIndex of [0, 1]) {
          const where = partitionIndex === 0 ? '' : ' of nothing'
          await ask(`${nameOf(timestamp)}${where}`, { partitionIndex, timestamp })
          await ask(
            `${nameOf(timestamp)}${where}, committed`,
            { partitionIndex, timestamp },
            { isolationLevel: 1 },
          )
        }
      await ask('unknown partition', { partitionIndex: 2 })
      for (const currentLeaderEpoch of [0, 1, -2])
        await ask(`leader epoch ${currentLeaderEpoch}`, { currentLeaderEpoch })
      await ask('consumer that debugs', {}, { replicaId: -2 })
      await ask('follower', {}, { replicaId: 5 })
      const twice = [0, 0].map((partitionIndex) => ({ partitionIndex, timestamp: -1 }))
      await ask('the same twice', {}, { topics: [{ name: topic.name, partitions: twice }] })
      await ask(
        'unknown topic',
        {},
        { topics: [{ name: dialogue.name('nowhere'), partitions: twice.slice(1) }] },
      )
      await ask('nothing', {}, { topics: [] })
    }
    await latestAmongDeleted(dialogue)
    for (const version of versionsOf('OffsetForLeaderEpoch'))
      for (const leaderEpoch of [-2, -1, 0, 1, 5])
        for (const currentLeaderEpoch of [-1, 0, 1])
          for (const partition of [0, 1, 2]) {
            const topics = [
              { topic: topic.name, partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] },
            ]
            const step = `end of ${leaderEpoch} at ${currentLeaderEpoch} in ${partition}`
            await dialogue.ask(step, 'OffsetForLeaderEpoch', version, { replicaId: -1, topics })
          }
  },
}

/** The record of the largest timestamp was deleted, and others are there. */
async function latestAmongDeleted(dialogue: Dialogue): Promise<void> {
  const { name, ...topic } = await dialogue.topic('trimmed')
  for (const count of [3, 2]) await dialogue.prepare('Produce', 13, produceBody(topic, batchOf(count)))
  const trim = { name, partitions: [{ partitionIndex: 0, offset: 3 }] }
  await dialogue.prepare('DeleteRecords', 2, { topics: [trim], timeoutMs: 5000 })
  const topics = [{ name, partitions: [{ partitionIndex: 0, timestamp: -3 }] }]
  await dialogue.ask('special -3', 'ListOffsets', 11, {
    replicaId: -1,
    isolationLevel: 0,
    topics,
    timeoutMs: 5000,
  })
}

function nameOf(timestamp: number): string {
  return timestamp < 0 ? `special ${timestamp}` : `time ${timestamp}`
}

const trimming: Scenario = {
  name: 'deleted records',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 2 })
    const compacted = await dialogue.topic('compacted', { configs: { 'cleanup.policy': 'compact' } })
    const both = await dialogue.topic('both', { configs: { 'cleanup.policy': 'compact,delete' } })
    for (const each of [topic, compacted, both])
      await dialogue.prepare('Produce', 13, produceBody(each, batchOf(20)))
    for (const version of versionsOf('DeleteRecords')) {
      const ask = (step: string, { name: called }: TopicName, offset: number, partitionIndex = 0) =>
        dialogue.ask(step, 'DeleteRecords', version, {
          ...{ topics: [{ name: called, partitions: [{ partitionIndex, offset }] }], timeoutMs: 5000 },
        })
      await ask('before the start', topic, version * 3 - 1)
      await ask('some', topic, version * 3)
      await ask('in the middle', topic, version * 3 + 1)
      await ask('behind the end', topic, 21)
      await ask('negative', topic, -2)
      await ask('of nothing', topic, 0, 1)
      await ask('all of nothing', topic, -1, 1)
      await ask('unknown partition', topic, 0, 2)
      await ask('unknown topic', { name: dialogue.name('nowhere'), topicId: zeroUuid }, 0)
      await ask('compacted', compacted, 1)
      await ask('compacted and deleted', both, version + 1)
      await ask('offsets topic', { name: '__consumer_offsets', topicId: zeroUuid }, 0)
    }
    await dialogue.ask('all', 'DeleteRecords', 2, {
      ...{ topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: -1 }] }], timeoutMs: 5000 },
    })
  },
}

export const reading: readonly Scenario[] = [fetches, sessions, listing, trimming]
