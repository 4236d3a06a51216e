import { type Api, apiKeys } from '../wire/api-keys.ts'
import { errorCodes } from '../wire/error-codes.ts'
import { errorAtTop } from '../wire/error-response.ts'
import type { Message } from '../wire/message.ts'
import { produceRequest, produceResponse } from '../wire/messages/00-produce.ts'
import { fetchRequest, fetchResponse } from '../wire/messages/01-fetch.ts'
import { listOffsetsRequest, listOffsetsResponse } from '../wire/messages/02-list-offsets.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../wire/messages/08-offset-commit.ts'
import { offsetFetchRequest, offsetFetchResponse } from '../wire/messages/09-offset-fetch.ts'
import { findCoordinatorRequest, findCoordinatorResponse } from '../wire/messages/10-find-coordinator.ts'
import { joinGroupRequest, joinGroupResponse } from '../wire/messages/11-join-group.ts'
import { createTopicsRequest, createTopicsResponse } from '../wire/messages/19-create-topics.ts'
import { deleteTopicsRequest, deleteTopicsResponse } from '../wire/messages/20-delete-topics.ts'

/** Makes the response that fails all that `request` asks. */
type Refusal<Request, Response> = (request: Request, errorCode: number, apiVersion: number) => Response

/** From these versions on several groups, or coordinators, are asked for at once. */
const severalGroupsSince = 8
const severalKeysSince = 4
/** Before this version an OffsetFetch response has no errors but those of partitions. */
const groupErrorSince = 2
const topicIdsSince = 6

const noRecords = Buffer.alloc(0)

/** The APIs whose errors are not merely at the top of the response. */
const refusals: ReadonlyMap<number, Refusal<never, unknown>> = new Map([
  refusal(produceRequest, produceResponse, ({ topicData }, errorCode) => ({
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode,
        baseOffset: -1,
        recordErrors: [],
      })),
    })),
  })),
  // A request of a session may name no partition: then the error is the session's.
  refusal(fetchRequest, fetchResponse, ({ topics }, errorCode) => ({
    throttleTimeMs: 0,
    errorCode: topics.length === 0 ? errorCode : errorCodes.NONE,
    responses: topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        errorCode,
        highWatermark: -1,
        abortedTransactions: null,
        records: noRecords,
      })),
    })),
  })),
  refusal(listOffsetsRequest, listOffsetsResponse, ({ topics }, errorCode) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  })),
  refusal(offsetCommitRequest, offsetCommitResponse, ({ topics }, errorCode) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  })),
  refusal(offsetFetchRequest, offsetFetchResponse, ({ groups, topics }, errorCode, apiVersion) => {
    if (apiVersion >= severalGroupsSince)
      return { throttleTimeMs: 0, groups: groups.map(({ groupId }) => ({ groupId, errorCode, topics: [] })) }
    const unread = { committedOffset: -1, metadata: '', errorCode }
    const answered = (apiVersion < groupErrorSince ? (topics ?? []) : []).map(
      ({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...unread })),
      }),
    )
    return { throttleTimeMs: 0, errorCode, topics: answered }
  }),
  refusal(findCoordinatorRequest, findCoordinatorResponse, ({ coordinatorKeys }, errorCode, apiVersion) => {
    const nowhere = { nodeId: -1, host: '', port: -1, errorCode, errorMessage: null }
    if (apiVersion < severalKeysSince) return { throttleTimeMs: 0, ...nowhere }
    return { throttleTimeMs: 0, coordinators: coordinatorKeys.map((key) => ({ key, ...nowhere })) }
  }),
  refusal(joinGroupRequest, joinGroupResponse, ({ memberId }, errorCode) => ({
    throttleTimeMs: 0,
    errorCode,
    protocolName: '',
    leader: '',
    memberId,
    members: [],
  })),
  refusal(createTopicsRequest, createTopicsResponse, ({ topics }, errorCode) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name }) => ({ name, errorCode, errorMessage: null, configs: null })),
  })),
  refusal(deleteTopicsRequest, deleteTopicsResponse, ({ topics, topicNames }, errorCode, apiVersion) => ({
    throttleTimeMs: 0,
    responses: (apiVersion < topicIdsSince ? topicNames.map((name) => ({ name })) : topics).map((topic) => ({
      ...topic,
      errorCode,
    })),
  })),
])

/** The names of the APIs for which {@link errorResponse} can make a response. */
export const failingApis: readonly string[] = apiKeys.filter(canFail).map(({ name }) => name)

/** Whether {@link errorResponse} can make a response of the API. */
export function canFail({ key, response }: Api): boolean {
  return refusals.has(key) || 'errorCode' in response.fields
}

/**
 * The response that carries `errorCode` for all that `request` asks: for each topic, partition or key where the API has
 * its errors there, else at its top.
 */
export function errorResponse(
  { key, response }: Api,
  request: unknown,
  errorCode: number,
  apiVersion: number,
): unknown {
  const refuse = refusals.get(key)
  // The types were checked where the refusal was declared.
  return refuse === undefined
    ? errorAtTop(response, errorCode)
    : refuse(request as never, errorCode, apiVersion)
}

function refusal<Request, Response>(
  request: Message<Request, never>,
  _response: Message<unknown, Response>,
  refuse: Refusal<Request, Response>,
): readonly [number, Refusal<never, unknown>] {
  return [request.apiKey, refuse]
}
