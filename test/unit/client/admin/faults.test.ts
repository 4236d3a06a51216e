import { expect, test } from 'vitest'
import type { Admin } from '../../../../src/client/admin/admin.ts'
import type { ErrorName } from '../../../../src/wire/error-codes.ts'
import { clusterAdmin } from './admins.ts'

const orders = { topic: 'orders', partition: 0 }

const calls: readonly (readonly [api: string, error: ErrorName, act: (admin: Admin) => Promise<unknown>])[] =
  [
    ['CreateTopics', 'NOT_CONTROLLER', (admin) => admin.createTopics([{ name: 'new' }])],
    ['DeleteTopics', 'NOT_CONTROLLER', (admin) => admin.deleteTopics(['orders'])],
    ['ListOffsets', 'NOT_LEADER_OR_FOLLOWER', (admin) => admin.listOffsets([{ ...orders, at: 'latest' }])],
    ['ListGroups', 'COORDINATOR_LOAD_IN_PROGRESS', (admin) => admin.listGroups()],
    ['FindCoordinator', 'COORDINATOR_NOT_AVAILABLE', (admin) => admin.listGroupOffsets('billing')],
    ['OffsetFetch', 'NOT_COORDINATOR', (admin) => admin.listGroupOffsets('billing')],
    ['OffsetDelete', 'NOT_COORDINATOR', (admin) => admin.deleteGroupOffsets('billing', [orders])],
    [
      'OffsetCommit',
      'COORDINATOR_LOAD_IN_PROGRESS',
      (admin) => admin.alterGroupOffsets('billing', [{ ...orders, offset: 1 }]),
    ],
    ['DescribeLogDirs', 'KAFKA_STORAGE_ERROR', (admin) => admin.describeLogDirs(null)],
    ['ElectLeaders', 'NOT_CONTROLLER', (admin) => admin.electLeaders('preferred', [orders])],
  ]

test.each(calls)('%s that fails with %s is asked for again', async (api, error, act) => {
  const { admin, cluster } = await clusterAdmin({ topics: ['orders'] })
  if (api !== 'FindCoordinator') await admin.alterGroupOffsets('billing', [{ ...orders, offset: 0 }])
  const fault = cluster.failNext(api, error)
  expect(await act(admin)).toBeTruthy()
  expect(fault.isUsed).toBe(true)
})

test('a coordinator that cannot be told yet is asked for again', async () => {
  const { admin, cluster } = await clusterAdmin()
  const fault = cluster.failNext('FindCoordinator', 'COORDINATOR_NOT_AVAILABLE')
  expect(await admin.describeGroups(['none'], { throwOnError: false })).toMatchObject([
    { error: { kafkaName: 'GROUP_ID_NOT_FOUND' } },
  ])
  expect(fault.isUsed).toBe(true)
})

test.each([
  ['DescribeConfigs', (admin: Admin) => admin.describeConfigs([{ type: 'topic', name: 'orders' }])],
  ['DescribeGroups', (admin: Admin) => admin.describeGroups(['billing'])],
  ['DescribeTopicPartitions', (admin: Admin) => admin.describeTopics(['orders'])],
  ['DeleteRecords', (admin: Admin) => admin.deleteRecords([{ ...orders, beforeOffset: -1 }])],
  ['DescribeCluster', (admin: Admin) => admin.describeCluster()],
  ['Metadata', (admin: Admin) => admin.listTopics()],
] as const)('%s is asked for again when the connection ends', async (api, act) => {
  const { admin, cluster } = await clusterAdmin({ topics: ['orders'] })
  await admin.alterGroupOffsets('billing', [{ ...orders, offset: 0 }])
  const fault = cluster.disconnectNext(api)
  expect(await act(admin)).toBeTruthy()
  expect(fault.isUsed).toBe(true)
})

test('errors that do not pass are thrown as they come', async () => {
  const { admin, cluster } = await clusterAdmin({ topics: ['orders'] })
  for (const [api, error, act] of [
    ['CreateTopics', 'TOPIC_AUTHORIZATION_FAILED', () => admin.createTopics([{ name: 'new' }])],
    ['ListGroups', 'CLUSTER_AUTHORIZATION_FAILED', () => admin.listGroups()],
    ['FindCoordinator', 'GROUP_AUTHORIZATION_FAILED', () => admin.describeGroups(['billing'])],
    ['DescribeCluster', 'CLUSTER_AUTHORIZATION_FAILED', () => admin.describeCluster()],
  ] as const) {
    cluster.failNext(api, error)
    await expect(act()).rejects.toMatchObject({ kafkaName: error })
  }
})
