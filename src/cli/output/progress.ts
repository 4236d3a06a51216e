import type { Clock } from '../../env/env.ts'
import { formatBytes } from './units.ts'

const intervalMs = 100
/** Work that is done before this never shows. */
const quietMs = 300
const clearLine = '\r\u001b[K'

/** A line on a terminal that says how far long work has got, and goes when the work is done. Nothing anywhere else. */
export class Progress implements Disposable {
  readonly #stream: NodeJS.WriteStream
  readonly #clock: Clock
  readonly #title: string
  #nextMs: number
  #isShown = false

  constructor(stream: NodeJS.WriteStream, clock: Clock, title: string) {
    this.#stream = stream
    this.#clock = clock
    this.#title = title
    this.#nextMs = clock.monotonicMs() + quietMs
  }

  /** So many bytes of so many are done. */
  bytes(doneBytes: number, totalBytes: number): void {
    const percent = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes)
    this.note(() => `${percent} % of ${formatBytes(totalBytes)}`)
  }

  /** Shows what `text` gives, ten times a second at most. */
  note(text: () => string): void {
    if (!this.#stream.isTTY) return
    const nowMs = this.#clock.monotonicMs()
    if (nowMs < this.#nextMs) return
    this.#nextMs = nowMs + intervalMs
    this.#isShown = true
    this.#stream.write(`${clearLine}${this.#title}: ${text()}`)
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#stream.write(clearLine)
    this.#isShown = false
  }
}
