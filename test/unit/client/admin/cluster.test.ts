import { expect, test } from 'vitest'
import { zeroUuid } from '../../../../src/wire/uuid.ts'
import { twoBrokers } from '../scripted-transport.ts'
import { clusterAdmin, produce, scriptedAdmin, settle } from './admins.ts'

const quiet = { throwOnError: false }
const orders = (partition: number) => ({ topic: 'orders', partition })

test('the cluster tells its id, its brokers and their directories', async () => {
  const { admin, client, cluster } = await clusterAdmin({ topics: ['orders'] })
  await produce(client, 'orders', 0, [1, 2, 3])
  const [host = '', port] = cluster.bootstrap.split(':')
  const { clusterId, ...rest } = await admin.describeCluster()
  expect(clusterId).toHaveLength(22)
  expect(rest).toEqual({ controllerId: 1, brokers: [{ nodeId: 1, host, port: Number(port), rack: null }] })

  const [broker] = await admin.describeLogDirs(null)
  expect(broker).toMatchObject({ nodeId: 1, logDirs: [{ path: '/tidemark' }] })
  const replicas = broker?.logDirs[0]?.replicas ?? []
  expect(replicas).toEqual([{ ...orders(0), sizeBytes: expect.any(Number), offsetLag: 0, isFuture: false }])
  expect(replicas[0]?.sizeBytes).toBeGreaterThan(60)
  expect(broker?.logDirs[0]?.usableBytes).toBeGreaterThan(0)
  expect(await admin.describeLogDirs([1, 9], quiet)).toMatchObject([
    { nodeId: 1, logDirs: [{}] },
    { nodeId: 9, logDirs: [], error: { kafkaName: 'BROKER_NOT_AVAILABLE', subject: 'broker 9' } },
  ])
})

test('a directory that failed is told of, and nothing is thrown for it', async () => {
  const dir = { errorCode: 0, topics: [] }
  const { admin } = scriptedAdmin({
    DescribeLogDirs: () => ({
      throttleTimeMs: 0,
      errorCode: 0,
      results: [
        { ...dir, logDir: '/good' },
        { ...dir, logDir: '/bad', errorCode: 56 },
      ],
    }),
  })
  const [first] = await admin.describeLogDirs([2])
  expect(first?.logDirs).toMatchObject([{ path: '/good' }, { path: '/bad', error: { subject: '/bad' } }])
  expect(first?.logDirs[0]).not.toHaveProperty('error')
})

test('leaders are elected, where there is need to', async () => {
  const { admin } = await clusterAdmin({ topics: [{ name: 'orders', partitions: 2 }] })
  expect(await admin.electLeaders('preferred', [orders(1), orders(0)])).toEqual([
    { ...orders(1), isElected: false },
    { ...orders(0), isElected: false },
  ])
  expect(await admin.electLeaders('unclean', null)).toEqual([])
  await expect(admin.electLeaders('preferred', [orders(9)])).rejects.toMatchObject({ subject: 'orders-9' })
  expect(await admin.electLeaders('preferred', [orders(9)], quiet)).toMatchObject([
    { ...orders(9), isElected: false, error: { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' } },
  ])
})

test('what another controller has to do is taken to it', async () => {
  let controllerId = 1
  const asked: string[] = []
  const { admin, clock } = scriptedAdmin({
    Metadata: () => twoBrokers(controllerId),
    CreateTopics: ({ topics }: { topics: readonly { name: string }[] }, address: string) => {
      asked.push([address, ...topics.map(({ name }) => name)].join(' '))
      controllerId = 2
      return {
        throttleTimeMs: 0,
        topics: topics.map(({ name }) => {
          const errorCode = name === 'bad' ? 17 : address === 'a:1' ? 41 : 0
          return {
            name,
            errorCode,
            errorMessage: null,
            configs: null,
            numPartitions: 1,
            replicationFactor: 1,
          }
        }),
      }
    },
  })
  const created = await settle(clock, admin.createTopics([{ name: 'good' }, { name: 'bad' }], quiet))
  expect(created).toMatchObject([
    { name: 'good', partitions: 1 },
    { name: 'bad', error: { kafkaName: 'INVALID_TOPIC_EXCEPTION' } },
  ])
  expect(asked).toEqual(['a:1 good bad', 'b:2 good'])
})

test('an older broker is asked in its own words', async () => {
  const { admin } = scriptedAdmin(
    {
      DeleteTopics: ({ topicNames }: { topicNames: readonly string[] }) => ({
        throttleTimeMs: 0,
        responses: topicNames.map((name) => ({ name, errorCode: name === 'orders' ? 0 : 3 })),
      }),
      ElectLeaders: ({ topicPartitions }: { topicPartitions: unknown }) => {
        expect(topicPartitions).toEqual([{ topic: 'orders', partitions: [0] }])
        const partitionResult = [{ partitionId: 0, errorCode: 0, errorMessage: null }]
        return { throttleTimeMs: 0, replicaElectionResults: [{ topic: 'orders', partitionResult }] }
      },
    },
    { version: 0 },
  )
  expect(await admin.electLeaders('preferred', [orders(0)])).toEqual([{ ...orders(0), isElected: true }])
  expect(await admin.deleteTopics(['orders', 'x'], quiet)).toMatchObject([
    { name: 'orders', topicId: zeroUuid },
    { name: 'x', error: { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' } },
  ])
})
