import type { Clock } from '../../env/env.ts'
import type { ClientLimits } from './client-options.ts'

/**
 * Decides when a client gives up what it knows of a cluster and begins with its bootstrap servers again: brokers may have
 * been replaced, one after the other, until none is where it was (KIP-899, KIP-1102).
 */
export class MetadataRecovery {
  readonly #clock: Clock
  readonly #limits: Pick<ClientLimits, 'metadataRecoveryStrategy' | 'metadataRecoveryRebootstrapTriggerMs'>
  /** When metadata was first asked for in vain, or is asked for the first time; undefined once it was had. */
  #sinceMs: number | undefined

  constructor(
    clock: Clock,
    limits: Pick<ClientLimits, 'metadataRecoveryStrategy' | 'metadataRecoveryRebootstrapTriggerMs'>,
  ) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Whether the client may begin again at all. */
  get isAllowed(): boolean {
    return this.#limits.metadataRecoveryStrategy === 'rebootstrap'
  }

  /** Metadata is asked for. True when it could not be had for so long that the client is to begin again; then the time runs anew. */
  asks(): boolean {
    const nowMs = this.#clock.monotonicMs()
    this.#sinceMs ??= nowMs
    const isOverdue = nowMs - this.#sinceMs >= this.#limits.metadataRecoveryRebootstrapTriggerMs
    if (!isOverdue || !this.isAllowed) return false
    this.#sinceMs = nowMs
    return true
  }

  /** Metadata was had. */
  had(): void {
    this.#sinceMs = undefined
  }
}
