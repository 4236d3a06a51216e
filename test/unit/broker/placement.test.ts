import { expect, test } from 'vitest'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import {
  alterReplicaLogDirsRequest,
  alterReplicaLogDirsResponse,
} from '../../../src/wire/messages/34-alter-replica-log-dirs.ts'
import {
  listConfigResourcesRequest,
  listConfigResourcesResponse,
} from '../../../src/wire/messages/74-list-config-resources.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

async function withTopic(directories: readonly string[] = ['/data']): Promise<TestBroker> {
  const tested = await openBroker({ options: { directories } })
  const topic = { name: 'orders', partitionCount: 2, replicationFactor: 1 }
  await tested.broker.controller.createTopic(topic)
  await tested.broker.replicas.settled()
  return tested
}

test('a partition is granted the data directory that it is in, and no other', async () => {
  await using tested = await withTopic(['/a', '/b'])
  const place = tested.broker.replicas.directoryOf({ topic: 'orders', partition: 0 })?.path ?? ''
  const elsewhere = place === '/a' ? '/b' : '/a'
  const response = await tested.ask(
    { request: alterReplicaLogDirsRequest, response: alterReplicaLogDirsResponse },
    {
      dirs: [
        { path: place, topics: [{ name: 'orders', partitions: [0, 7] }] },
        { path: elsewhere, topics: [{ name: 'orders', partitions: [0] }] },
        { path: '/c', topics: [{ name: 'none', partitions: [0] }] },
      ],
    },
  )
  expect(response?.results).toEqual([
    {
      topicName: 'orders',
      partitions: [
        { partitionIndex: 0, errorCode: errorCodes.NONE },
        { partitionIndex: 7, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION },
        { partitionIndex: 0, errorCode: errorCodes.UNSUPPORTED_VERSION },
      ],
    },
    { topicName: 'none', partitions: [{ partitionIndex: 0, errorCode: errorCodes.LOG_DIR_NOT_FOUND }] },
  ])
})

test('resources with configs are listed by their types', async () => {
  await using tested = await withTopic()
  const list = async (resourceTypes: number[], version = 1) => {
    const declared = { request: listConfigResourcesRequest, response: listConfigResourcesResponse }
    const response = await tested.ask(declared, version === 0 ? {} : { resourceTypes }, { version })
    const names = response?.configResources.map((each) => `${each.resourceType} ${each.resourceName}`)
    return [response?.errorCode, names]
  }
  expect(await list([])).toEqual([0, ['2 orders', '4 1']])
  expect(await list([4, 4])).toEqual([0, ['4 1']])
  expect(await list([8, 16, 32, 2])).toEqual([0, ['2 orders']])
  expect(await list([3])).toEqual([errorCodes.UNSUPPORTED_VERSION, []])
  expect(await list([], 0)).toEqual([0, []])
})

test('a file is no data directory', async () => {
  const env = memoryEnv({ clock: new ManualClock() })
  env.files.openSync('/data', 'write').closeSync()
  await expect(openBroker({ env })).rejects.toThrow('the data directory /data is no directory')
})
