import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { BrokerServer } from '../../src/server/broker-server.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'
import { type Api, apiOf } from '../../src/wire/api-keys.ts'
import { errorCodes, errorName } from '../../src/wire/error-codes.ts'
import { KafkaError } from '../../src/wire/kafka-error.ts'
import { metadataRequest, metadataResponse } from '../../src/wire/messages/03-metadata.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../../src/wire/messages/08-offset-commit.ts'
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../src/wire/messages/10-find-coordinator.ts'
import { joinGroupRequest, joinGroupResponse } from '../../src/wire/messages/11-join-group.ts'
import { syncGroupRequest, syncGroupResponse } from '../../src/wire/messages/14-sync-group.ts'
import { apiVersionsRequest, apiVersionsResponse } from '../../src/wire/messages/18-api-versions.ts'
import { KeptLog } from './loopback.ts'
import {
  committedPartition,
  joinBody,
  type Named,
  otherGoodAnswers,
  validRequests,
} from './valid-requests.ts'
import { versionSubset } from './version-subset.ts'
import { WireClient } from './wire-client.ts'

/** Each API that clients are told of, in each version they are told of, over TCP: what a version lacks, no answer holds. */

const topic = 'there'
const logger = new KeptLog()
let server: BrokerServer
let client: WireClient
let topicId = ''
/** So that no request meets what another has made. */
let count = 0

beforeAll(async () => {
  server = await BrokerServer.start({
    env: memoryEnv(),
    directories: ['/data'],
    properties: {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'auto.create.topics.enable': 'false',
      'group.initial.rebalance.delay.ms': '0',
      'offsets.topic.num.partitions': '1',
    },
    logger,
  })
  topicId = await createTopic(topic)
  client = await WireClient.connect(server.endpoints[0]?.port ?? 0)
  // The coordinator is there once it has been asked for.
  const declared = { request: findCoordinatorRequest, response: findCoordinatorResponse }
  await client.call(declared, 4, { keyType: 0, coordinatorKeys: ['any'] })
  await server.broker.replicas.settled()
})
afterAll(async () => {
  client[Symbol.dispose]()
  await server.close()
})

async function createTopic(name: string): Promise<string> {
  const { controller, replicas } = server.broker
  const view = await controller.createTopic({ name, partitionCount: 1, replicationFactor: 1 })
  await replicas.settled()
  return view.topicId
}

/** All that a request may speak of, as it is there. */
async function thingsThere(): Promise<Named> {
  const id = ++count
  const [groupId, idleGroup, spareTopic] = [`group-${id}`, `idle-${id}`, `spare-${id}`]
  await createTopic(spareTopic)
  const joins = { request: joinGroupRequest, response: joinGroupResponse }
  // The last version in which an id is given at the first try.
  const { memberId, generationId } = await client.call(joins, 3, joinBody(groupId, topic))
  const syncs = { request: syncGroupRequest, response: syncGroupResponse }
  const assignments = [{ memberId, assignment: Buffer.alloc(1) }]
  await client.call(syncs, 4, { groupId, memberId, generationId, assignments })
  const commits = { request: offsetCommitRequest, response: offsetCommitResponse }
  const topics = [{ name: topic, partitions: [committedPartition] }]
  await client.call(commits, 9, { groupId: idleGroup, topics })
  return { topic, topicId, spareTopic, newTopic: `new-${id}`, groupId, memberId, generationId, idleGroup }
}

/** Names of nothing, and one that no topic may have. */
function thingsMissing(): Named {
  return {
    ...{
      topic: 'missing',
      topicId: 'AQEBAQEBAQEBAQEBAQEBAQ',
      spareTopic: 'missing',
      newTopic: `/${++count}`,
    },
    ...{ groupId: 'missing', memberId: 'missing', generationId: 1, idleGroup: 'missing' },
  }
}

/** The names of the error codes in an answer, wherever they stand. */
function errorsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'errorCode' && inner !== errorCodes.NONE
      ? [errorName(inner as number) ?? String(inner)]
      : errorsIn(inner),
  )
}

/** The leaders that an answer names for partitions, wherever they stand. */
function leadersIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'currentLeader' ? [(inner as { leaderId: number }).leaderId] : leadersIn(inner),
  )
}

async function ask(api: Api, version: number, named: Named): Promise<string[]> {
  return (await told(api, version, named)).errors
}

async function told({ request, response, name }: Api, version: number, named: Named) {
  const body = versionSubset(request.fields, version, validRequests[name]?.(named) ?? {})
  try {
    const answer = await client.call({ request, response }, version, body as never)
    return { errors: errorsIn(answer), leaders: leadersIn(answer) }
  } catch (cause) {
    throw new Error(`${name} v${version}: ${logger.lines.join()}`, { cause })
  }
}

async function advertisedApis(): Promise<{ readonly api: Api; readonly versions: number[] }[]> {
  const declared = { request: apiVersionsRequest, response: apiVersionsResponse }
  const { apiKeys } = await client.call(declared, 4, { clientSoftwareName: 'c', clientSoftwareVersion: '1' })
  return apiKeys.map(({ apiKey, minVersion, maxVersion }) => {
    const api = apiOf(apiKey)
    if (api === undefined) throw new TypeError(`API ${apiKey} is advertised, and there is none`)
    // Produce is advertised from 0 on, as Kafka does for the sake of old clients, which take a later one all the same.
    const versions = Array.from({ length: maxVersion - minVersion + 1 }, (_, at) => minVersion + at)
    return { api, versions: versions.filter((version) => api.request.has(version)) }
  })
}

describe('every API in every version that is advertised', () => {
  test('is in the table of these tests', async () => {
    const names = (await advertisedApis()).map(({ api }) => api.name)
    expect(names.toSorted()).toEqual(Object.keys(validRequests).toSorted())
  })

  test('answers a valid request', async () => {
    for (const { api, versions } of await advertisedApis())
      for (const version of versions) {
        const errors = await ask(api, version, await thingsThere())
        const unexpected = errors.filter((error) => error !== otherGoodAnswers[api.name])
        expect(unexpected, `${api.name} v${version}: ${logger.lines.join()}`).toEqual([])
      }
  })

  test('tells what is wrong with a request for what is not there', async () => {
    for (const { api, versions } of await advertisedApis())
      for (const version of versions) {
        const errors = await ask(api, version, thingsMissing())
        expect(errors, `${api.name} v${version}: ${logger.lines.join()}`).not.toContain(
          'UNKNOWN_SERVER_ERROR',
        )
      }
  })

  test.each([
    { key: 0, since: 10 },
    { key: 1, since: 12 },
  ])(
    'tells who leads instead, where an answer has room for it: API $key since v$since',
    async ({ key, since }) => {
      const { api, versions } = (await advertisedApis()).find((each) => each.api.key === key) ?? {}
      const named = await thingsThere()
      const moved = vi.spyOn(server.broker.replicas, 'get').mockImplementation(() => {
        throw new KafkaError('NOT_LEADER_OR_FOLLOWER', 'another broker leads')
      })
      onTestFinished(() => moved.mockRestore())
      for (const version of versions ?? []) {
        const { errors, leaders } = await told(api as Api, version, named)
        expect(errors, `v${version}`).toEqual(['NOT_LEADER_OR_FOLLOWER'])
        expect(leaders, `v${version}`).toEqual([version < since ? -1 : server.broker.nodeId])
      }
    },
  )

  test.each([10, 11])('refuses topics without a name in Metadata v%i', async (version) => {
    const declared = { request: metadataRequest, response: metadataResponse }
    const topics = [{ topicId, name: 'there' }]
    const answer = await client.call(declared, version, { topics })
    expect(errorsIn(answer)).toEqual(['INVALID_REQUEST'])
  })
})
