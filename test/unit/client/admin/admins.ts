import { expect, onTestFinished } from 'vitest'
import { encodeBatch } from '../../../../src/batch/encode-batch.ts'
import { Admin } from '../../../../src/client/admin/admin.ts'
import type { ClientLimitOptions } from '../../../../src/client/cluster/client-options.ts'
import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import { rpc } from '../../../../src/client/network/rpc.ts'
import { nodeEnv } from '../../../../src/env/node-env.ts'
import { ManualClock } from '../../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../../src/testing/memory-env.ts'
import { startTestCluster } from '../../../../src/testing/start-test-cluster.ts'
import type { TestCluster, TestClusterOptions } from '../../../../src/testing/test-cluster.ts'
import { produceRequest, produceResponse } from '../../../../src/wire/messages/00-produce.ts'
import { joinGroupRequest, joinGroupResponse } from '../../../../src/wire/messages/11-join-group.ts'
import { syncGroupRequest, syncGroupResponse } from '../../../../src/wire/messages/14-sync-group.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../../../src/wire/records/consumer-protocol.ts'
import { encodeVersioned } from '../../../../src/wire/versioned.ts'
import { type Answers, ScriptedTransport, twoBrokers } from '../scripted-transport.ts'

/** From version 13 on topics have ids in place of names. */
const produceApi = rpc(produceRequest, produceResponse, { maxVersion: 12 })
const joinGroupApi = rpc(joinGroupRequest, joinGroupResponse)
const syncGroupApi = rpc(syncGroupRequest, syncGroupResponse)

/** An admin of a broker of this process; both end with the test. */
export async function clusterAdmin(
  options: TestClusterOptions = {},
): Promise<{ admin: Admin; client: ClusterClient; cluster: TestCluster }> {
  const cluster = await startTestCluster(options)
  const limits = { retryBackoffMs: 1 }
  const client = new ClusterClient({ env: nodeEnv(), bootstrapServers: cluster.bootstrap, limits })
  onTestFinished(async () => {
    client.close()
    await cluster.close()
  })
  return { admin: new Admin(client), client, cluster }
}

/** An admin of two brokers, `a:1` and `b:2`, that answer as they are told; time is `clock`'s. */
export function scriptedAdmin(
  answers: Answers,
  { limits = {}, version }: { readonly limits?: ClientLimitOptions; readonly version?: number } = {},
) {
  const clock = new ManualClock()
  const transport = new ScriptedTransport({ Metadata: () => twoBrokers(), ...answers }, version)
  const env = memoryEnv({ seed: 1, clock })
  const client = new ClusterClient({ env, bootstrapServers: 'a:1,b:2', transport, limits })
  onTestFinished(() => client.close())
  return { admin: new Admin(client), client, transport, clock }
}

/** Appends a record for each timestamp, in one batch. */
export async function produce(
  client: ClusterClient,
  topic: string,
  partition: number,
  timestamps: readonly number[],
): Promise<void> {
  const batch = timestamps.map((timestamp) => ({ value: 'x', timestamp }))
  const partitionData = [{ index: partition, records: encodeBatch(batch, { now: 0 }) }]
  const request = { acks: -1, timeoutMs: 10_000, topicData: [{ name: topic, partitionData }] }
  const { responses } = await client.call({ leaderOf: { topic, partition } }, produceApi, request)
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
}

/** Lets a consumer join `group` that is assigned the first partition of `topic`; resolves to its member id. */
export async function join(client: ClusterClient, group: string, topic: string): Promise<string> {
  const metadata = encodeVersioned(consumerProtocolSubscription, 1, { topics: [topic] })
  const request = {
    ...{ groupId: group, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, protocolType: 'consumer' },
    protocols: [{ name: 'range', metadata }],
  }
  const first = await client.call({ group }, joinGroupApi, { ...request, memberId: '' })
  const { memberId } = first
  const { generationId } = await client.call({ group }, joinGroupApi, { ...request, memberId })
  const assignment = encodeVersioned(consumerProtocolAssignment, 1, {
    assignedPartitions: [{ topic, partitions: [0] }],
  })
  const synced = await client.call({ group }, syncGroupApi, {
    ...{ groupId: group, generationId, memberId, protocolType: 'consumer', protocolName: 'range' },
    assignments: [{ memberId, assignment }],
  })
  expect(synced.errorCode).toBe(0)
  return memberId
}

/** Lets time pass until `promise` is settled. */
export async function settle<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const end = (): void => {
    isSettled = true
  }
  promise.then(end, end)
  for (let count = 0; count < 10_000 && !isSettled; count++) await clock.runFor(10)
  return await promise
}
