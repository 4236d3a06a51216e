/**
 * `tidemark/server`: Kafka's protocol on TCP, with limits that are finite by default, for whoever has handlers for it.
 *
 * @module
 */
export {
  type AnyApiHandler,
  type ApiHandler,
  type ApiHandlers,
  apiHandler,
  type RequestContext,
} from './api-handler.ts'
export type { ClusterFeatures } from './api-versions.ts'
export type {
  ConnectionCloseEvent,
  ConnectionOpenEvent,
  ConnectionRefuseEvent,
  RequestEvent,
} from './channels.ts'
export { type CloseReason, ConnectionEnd } from './close-reason.ts'
export type { RefusalReason } from './connection-limits.ts'
export { ApiDispatcher, type ApiDispatcherOptions } from './dispatch.ts'
export { KafkaServer, type KafkaServerOptions, type ServerCounts } from './kafka-server.ts'
export { type Endpoint, type ListenerOptions, parseListeners } from './listener-address.ts'
export type { Answer, ConnectionInfo, RequestDispatcher } from './request-dispatcher.ts'
export type { ServerLimits } from './server-config.ts'
export type { Logger } from './server-log.ts'
