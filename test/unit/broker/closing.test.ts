import { expect, test } from 'vitest'
import { KafkaError } from '../../../src/wire/kafka-error.ts'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../../src/wire/messages/10-find-coordinator.ts'
import { createTopicsRequest, createTopicsResponse } from '../../../src/wire/messages/19-create-topics.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const createTopics = { request: createTopicsRequest, response: createTopicsResponse }
const findCoordinator = { request: findCoordinatorRequest, response: findCoordinatorResponse }
const metadata = { request: metadataRequest, response: metadataResponse }

const { NONE, NOT_CONTROLLER } = errorCodes

async function create(tested: TestBroker, names: readonly string[], numPartitions: number) {
  const topics = names.map((name) => ({
    ...{ name, numPartitions, replicationFactor: 1 },
    ...{ assignments: [], configs: [] },
  }))
  const response = await tested.ask(createTopics, { topics, timeoutMs: 60_000, validateOnly: false })
  return response?.topics.map(({ name, errorCode }) => [name, errorCode] as const) ?? []
}

/** Partitions whose directories have been made. */
function madeCount({ env }: TestBroker): number {
  return env.files.listSync('/data').filter((name) => /^t\d*-\d/.test(name)).length
}

const names = Array.from({ length: 40 }, (_, index) => `t${index}`)

test('closing refuses the topics that wait to be made, and the next start has those that were not refused', async () => {
  const first = await openBroker()
  const answers = Promise.all([create(first, names.slice(0, 20), 4), create(first, names.slice(20), 4)])
  await first.broker.controller.createTopic({ name: 'before', partitionCount: 1, replicationFactor: 1 })
  await first.broker.close()
  const found = new Map((await answers).flat())
  const made = names.filter((name) => found.get(name) === NONE)
  expect(new Set(found.values())).toEqual(new Set([NONE, NOT_CONTROLLER]))
  // Those that were stored when the closing began, and the one that was being.
  expect(made.length).toBeLessThan(10)
  await using second = await openBroker({ env: first.env })
  expect([...second.broker.view.topics.keys()].sort()).toEqual(['before', ...made].sort())
  for (const name of made) expect(second.broker.replicas.get(name, 3).isLeader).toBe(true)
  expect(await create(second, ['again'], 1)).toEqual([['again', NONE]])
})

test('a topic of hundreds of partitions that is being made is finished by the next start', async () => {
  const first = await openBroker()
  const answer = create(first, ['t'], 300)
  await new Promise<void>((resolve) => void first.broker.view.onChange(() => resolve()))
  await first.broker.close()
  expect(await answer).toEqual([['t', NONE]])
  expect(madeCount(first)).toBeLessThan(150)
  await using second = await openBroker({ env: first.env })
  expect(madeCount(second)).toBe(300)
  expect(second.broker.opening).toMatchObject({ wasStoppedCleanly: true, recovered: [], fenced: [] })
  expect(second.broker.replicas.get('t', 299).isLeader).toBe(true)
})

test('what others make of a closing broker can be tried again', async () => {
  await using tested = await openBroker()
  tested.broker.beginClosing()
  const coordinator = await tested.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['g'] })
  expect(coordinator?.coordinators).toMatchObject([{ errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE }])
  const known = await tested.ask(metadata, { topics: [{ name: 'new' }], allowAutoTopicCreation: true })
  expect(known?.topics).toMatchObject([{ name: 'new', errorCode: errorCodes.LEADER_NOT_AVAILABLE }])
  const refused = tested.broker.controller.deleteTopic('none')
  await expect(refused).rejects.toThrow(new KafkaError('NOT_CONTROLLER', 'broker 1 is not the controller'))
})
