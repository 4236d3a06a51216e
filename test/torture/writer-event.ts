/**
 * What a writer tells the process that watches it, one JSON value a line. An `...ing` event comes before the call
 * and its counterpart once the call has resolved, so that what lies between is known to be undecided.
 */
export type WriterEvent =
  | { readonly kind: 'opening' }
  | { readonly kind: 'opened'; readonly startOffset: number; readonly endOffset: number }
  | {
      readonly kind: 'acknowledged'
      readonly baseOffset: number
      readonly firstIndex: number
      readonly count: number
    }
  | { readonly kind: 'flushing' }
  | { readonly kind: 'flushed' }
  | { readonly kind: 'trimming'; readonly offset: number }
  | { readonly kind: 'trimmed'; readonly offset: number }
  | { readonly kind: 'truncating'; readonly offset: number }
  | { readonly kind: 'truncated'; readonly endOffset: number }
  | { readonly kind: 'closing' }
  | { readonly kind: 'closed' }
  /** An append was refused for want of room and is made again, so later than others that were called after it. */
  | { readonly kind: 'retrying' }
  /** The writer gives up. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Cuts what arrives into lines and reads the events; the half of a line that a dying writer left is none. */
export class EventLines {
  #rest = ''

  take(chunk: string): WriterEvent[] {
    const lines = `${this.#rest}${chunk}`.split('\n')
    this.#rest = lines.pop() ?? ''
    // The writer is our own, so what it wrote is an event.
    return lines.map((line) => JSON.parse(line) as WriterEvent)
  }
}
