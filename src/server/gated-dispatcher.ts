import type { Answer, ConnectionInfo, RequestDispatcher } from './request-dispatcher.ts'

/** Keeps requests waiting until those who answer them are ready: the port is known before the broker serves. */
export class GatedDispatcher implements RequestDispatcher {
  readonly #behind: RequestDispatcher
  readonly #opened: Promise<void>
  #open!: () => void
  #isOpen = false

  constructor(behind: RequestDispatcher) {
    this.#behind = behind
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  /** Lets all that waited, and all that come, through. */
  open(): void {
    this.#isOpen = true
    this.#open()
  }

  dispatch(frame: Buffer, connection: ConnectionInfo): Answer | Promise<Answer> {
    if (this.#isOpen) return this.#behind.dispatch(frame, connection)
    return this.#opened.then(() => this.#behind.dispatch(frame, connection))
  }

  overlaps(frame: Buffer): boolean {
    // While the gate is closed nothing takes effect within the call.
    return this.#isOpen && (this.#behind.overlaps?.(frame) ?? false)
  }

  letsGo(frame: Buffer): boolean {
    return this.#behind.letsGo?.(frame) ?? false
  }
}
