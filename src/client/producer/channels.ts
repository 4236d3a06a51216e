import { channel } from 'node:diagnostics_channel'

/** A produce request has been answered, or failed. */
export interface ProduceEvent {
  readonly clientName: string
  readonly nodeId: number
  readonly batchCount: number
  readonly recordCount: number
  /** Of the batches. */
  readonly bytes: number
  readonly elapsedMs: number
  /** Why there was no answer. Errors of single batches do not show here. */
  readonly error: unknown
}

/** An interceptor threw. The record goes on as if it had not been called. */
export interface InterceptorErrorEvent {
  readonly clientName: string
  readonly method: 'onSend' | 'onAcknowledgement'
  readonly error: unknown
}

/**
 * What producers tell whoever listens, through `node:diagnostics_channel`; without a subscriber nothing is built or
 * sent.
 *
 * - `tidemark:produce`                     {@link ProduceEvent}
 * - `tidemark:produce:interceptor-error`   {@link InterceptorErrorEvent}
 */
export const channels = {
  produce: channel('tidemark:produce'),
  interceptorError: channel('tidemark:produce:interceptor-error'),
} as const
