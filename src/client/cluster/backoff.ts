import type { ClientLimits } from './client-options.ts'

/** How far a pause strays from its length, either way, so that clients that failed together do not come back together. */
const jitter = 0.2

/**
 * The pause before a retry, as Kafka's clients make it (KIP-580): twice as long each time, up to a limit, and a little
 * off.
 *
 * @param failureCount failures so far, at least 1
 * @param chance from 0 to 1
 */
export function backoffMs(
  failureCount: number,
  { retryBackoffMs, retryBackoffMaxMs }: Pick<ClientLimits, 'retryBackoffMs' | 'retryBackoffMaxMs'>,
  chance: number,
): number {
  const plainMs = Math.min(retryBackoffMs * 2 ** (failureCount - 1), retryBackoffMaxMs)
  return plainMs * (1 - jitter + 2 * jitter * chance)
}
