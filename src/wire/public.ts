/**
 * `tidemark/protocol`: the codec of Kafka's protocol, for those who speak it themselves. It does no I/O and keeps no
 * connection: frames go in without their length, and come out so.
 *
 * Each message is declared once for all its versions; `message.at(version)` reads and writes one of them:
 *
 * ```ts
 * import { decodeRequestHeader, encodeResponseHeader, heartbeatRequest, heartbeatResponse } from 'tidemark/protocol'
 *
 * const { apiVersion, correlationId, bodyPosition } = decodeRequestHeader(frame)
 * const { groupId, memberId } = heartbeatRequest.at(apiVersion).decode(frame, bodyPosition)
 * const body = heartbeatResponse.at(apiVersion).encode({ errorCode: 0 })
 * const answer = Buffer.concat([encodeResponseHeader(heartbeatRequest.apiKey, apiVersion, correlationId), body])
 * ```
 *
 * Values are plain objects with the names of Kafka's fields. A decoded value has every field that any version has:
 * those that its version lacks hold Kafka's default. It is not to be changed, for defaults are shared. To be encoded,
 * a value may leave out what has a default; what its version cannot carry is refused, as Kafka does.
 *
 * @module
 */
export { TidemarkError, WireError } from '../base/errors.ts'
export {
  type AnyMessage,
  type Api,
  type ApiVersionRange,
  type ServedApi,
  advertised,
  apiKeys,
  apiOf,
} from './api-keys.ts'
export { unlimited } from './default-value.ts'
export { type ErrorName, errorCodes, errorName, isRetriable } from './error-codes.ts'
export {
  type DecodedRequestHeader,
  type DecodedResponseHeader,
  type RequestHeader,
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
} from './headers.ts'
export type { Decoded, Encodable, Message, MessageCodec } from './message.ts'
export { type Uuid, zeroUuid } from './uuid.ts'
export { type Versioned, decodeVersioned, encodeVersioned, versionOf } from './versioned.ts'

// Requests and responses, by API key.
export * from './messages/00-produce.ts'
export * from './messages/01-fetch.ts'
export * from './messages/02-list-offsets.ts'
export * from './messages/03-metadata.ts'
export * from './messages/08-offset-commit.ts'
export * from './messages/09-offset-fetch.ts'
export * from './messages/10-find-coordinator.ts'
export * from './messages/11-join-group.ts'
export * from './messages/12-heartbeat.ts'
export * from './messages/13-leave-group.ts'
export * from './messages/14-sync-group.ts'
export * from './messages/15-describe-groups.ts'
export * from './messages/16-list-groups.ts'
export * from './messages/17-sasl-handshake.ts'
export * from './messages/18-api-versions.ts'
export * from './messages/19-create-topics.ts'
export * from './messages/20-delete-topics.ts'
export * from './messages/21-delete-records.ts'
export * from './messages/22-init-producer-id.ts'
export * from './messages/23-offset-for-leader-epoch.ts'
export * from './messages/24-add-partitions-to-txn.ts'
export * from './messages/25-add-offsets-to-txn.ts'
export * from './messages/26-end-txn.ts'
export * from './messages/27-write-txn-markers.ts'
export * from './messages/28-txn-offset-commit.ts'
export * from './messages/29-describe-acls.ts'
export * from './messages/30-create-acls.ts'
export * from './messages/31-delete-acls.ts'
export * from './messages/32-describe-configs.ts'
export * from './messages/33-alter-configs.ts'
export * from './messages/34-alter-replica-log-dirs.ts'
export * from './messages/35-describe-log-dirs.ts'
export * from './messages/36-sasl-authenticate.ts'
export * from './messages/37-create-partitions.ts'
export * from './messages/38-create-delegation-token.ts'
export * from './messages/39-renew-delegation-token.ts'
export * from './messages/40-expire-delegation-token.ts'
export * from './messages/41-describe-delegation-token.ts'
export * from './messages/42-delete-groups.ts'
export * from './messages/43-elect-leaders.ts'
export * from './messages/44-incremental-alter-configs.ts'
export * from './messages/45-alter-partition-reassignments.ts'
export * from './messages/46-list-partition-reassignments.ts'
export * from './messages/47-offset-delete.ts'
export * from './messages/48-describe-client-quotas.ts'
export * from './messages/49-alter-client-quotas.ts'
export * from './messages/50-describe-user-scram-credentials.ts'
export * from './messages/51-alter-user-scram-credentials.ts'
export * from './messages/52-vote.ts'
export * from './messages/53-begin-quorum-epoch.ts'
export * from './messages/54-end-quorum-epoch.ts'
export * from './messages/55-describe-quorum.ts'
export * from './messages/56-alter-partition.ts'
export * from './messages/57-update-features.ts'
export * from './messages/58-envelope.ts'
export * from './messages/59-fetch-snapshot.ts'
export * from './messages/60-describe-cluster.ts'
export * from './messages/61-describe-producers.ts'
export * from './messages/62-broker-registration.ts'
export * from './messages/63-broker-heartbeat.ts'
export * from './messages/64-unregister-broker.ts'
export * from './messages/65-describe-transactions.ts'
export * from './messages/66-list-transactions.ts'
export * from './messages/67-allocate-producer-ids.ts'
export * from './messages/68-consumer-group-heartbeat.ts'
export * from './messages/69-consumer-group-describe.ts'
export * from './messages/70-controller-registration.ts'
export * from './messages/71-get-telemetry-subscriptions.ts'
export * from './messages/72-push-telemetry.ts'
export * from './messages/73-assign-replicas-to-dirs.ts'
export * from './messages/74-list-config-resources.ts'
export * from './messages/75-describe-topic-partitions.ts'
export * from './messages/76-share-group-heartbeat.ts'
export * from './messages/77-share-group-describe.ts'
export * from './messages/78-share-fetch.ts'
export * from './messages/79-share-acknowledge.ts'
export * from './messages/80-add-raft-voter.ts'
export * from './messages/81-remove-raft-voter.ts'
export * from './messages/82-update-raft-voter.ts'
export * from './messages/83-initialize-share-group-state.ts'
export * from './messages/84-read-share-group-state.ts'
export * from './messages/85-write-share-group-state.ts'
export * from './messages/86-delete-share-group-state.ts'
export * from './messages/87-read-share-group-state-summary.ts'
export * from './messages/88-streams-group-heartbeat.ts'
export * from './messages/89-streams-group-describe.ts'
export * from './messages/90-describe-share-group-offsets.ts'
export * from './messages/91-alter-share-group-offsets.ts'
export * from './messages/92-delete-share-group-offsets.ts'

// What the coordinators keep in their topics, and what group members send each other.
export * from './records/consumer-group-current-member-assignment.ts'
export * from './records/consumer-group-member-metadata.ts'
export * from './records/consumer-group-metadata.ts'
export * from './records/consumer-group-partition-metadata.ts'
export * from './records/consumer-group-regular-expression.ts'
export * from './records/consumer-group-target-assignment-member.ts'
export * from './records/consumer-group-target-assignment-metadata.ts'
export * from './records/consumer-protocol.ts'
export * from './records/default-principal.ts'
export * from './records/end-txn-marker.ts'
export * from './records/group-metadata.ts'
export * from './records/offset-commit.ts'
export * from './records/share-group-current-member-assignment.ts'
export * from './records/share-group-member-metadata.ts'
export * from './records/share-group-metadata.ts'
export * from './records/share-group-state-partition-metadata.ts'
export * from './records/share-group-target-assignment-member.ts'
export * from './records/share-group-target-assignment-metadata.ts'
export * from './records/share-snapshot.ts'
export * from './records/share-update.ts'
export * from './records/streams-group-current-member-assignment.ts'
export * from './records/streams-group-member-metadata.ts'
export * from './records/streams-group-metadata.ts'
export * from './records/streams-group-target-assignment-member.ts'
export * from './records/streams-group-target-assignment-metadata.ts'
export * from './records/streams-group-topology.ts'
export * from './records/transaction-log.ts'
