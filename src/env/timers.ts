import type { Clock } from './env.ts'

/** Something that is to happen later, and may be called off. */
export interface Timer {
  cancel(): void
}

/** Of thousands of timers each is one object. */
class Entry implements Timer {
  readonly dueMs: number
  /** Breaks ties: of two that are due at once, the one that was set first goes first. */
  readonly number: number
  action: (() => void) | undefined
  readonly #onCancelled: () => void

  constructor(dueMs: number, number: number, action: () => void, onCancelled: () => void) {
    this.dueMs = dueMs
    this.number = number
    this.action = action
    this.#onCancelled = onCancelled
  }

  cancel(): void {
    if (this.action === undefined) return
    this.action = undefined
    this.#onCancelled()
  }
}

/**
 * Any number of deadlines over one sleep of the clock: a heap of what is due, the earliest on top. What was cancelled
 * stays in the heap until it is due or makes up half of it, so that cancelling, which is what happens to nearly all
 * deadlines of a broker, costs next to nothing.
 */
export class Timers {
  readonly #clock: Clock
  #heap: Entry[] = []
  #cancelledCount = 0
  #setCount = 0
  #sleep: { readonly dueMs: number; readonly abort: AbortController } | undefined
  #isClosed = false
  readonly #onCancelled = () => this.#noteCancelled()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many are waiting. */
  get count(): number {
    return this.#heap.length - this.#cancelledCount
  }

  /**
   * Calls `action` once, `delayMs` from now by the monotonic clock, but never within this call. It does not keep the
   * process alive. An action must not throw.
   */
  after(delayMs: number, action: () => void): Timer {
    if (this.#isClosed) return { cancel() {} }
    const dueMs = this.#clock.monotonicMs() + Math.max(0, delayMs)
    const entry = new Entry(dueMs, this.#setCount++, action, this.#onCancelled)
    push(this.#heap, entry)
    this.#arm()
    return entry
  }

  /** Calls everything off. */
  close(): void {
    this.#isClosed = true
    this.#heap = []
    this.#cancelledCount = 0
    this.#sleep?.abort.abort()
    this.#sleep = undefined
  }

  #noteCancelled(): void {
    this.#cancelledCount++
    if (this.#cancelledCount < 64 || this.#cancelledCount * 2 < this.#heap.length) return
    const kept = this.#heap.filter(({ action }) => action !== undefined)
    this.#heap = []
    for (const live of kept) push(this.#heap, live)
    this.#cancelledCount = 0
  }

  #arm(): void {
    const next = this.#heap[0]
    if (next === undefined || (this.#sleep !== undefined && this.#sleep.dueMs <= next.dueMs)) return
    this.#sleep?.abort.abort()
    const sleep = { dueMs: next.dueMs, abort: new AbortController() }
    this.#sleep = sleep
    // At least one tick: what is due at once must not run within the call that asks for it.
    const delayMs = Math.max(1, next.dueMs - this.#clock.monotonicMs())
    this.#clock.sleep(delayMs, sleep.abort.signal).then(
      () => {
        if (this.#sleep !== sleep) return
        this.#sleep = undefined
        this.#fire()
      },
      // Aborted: an earlier deadline has come up, or all were called off.
      () => {},
    )
  }

  #fire(): void {
    const nowMs = this.#clock.monotonicMs()
    for (let next = this.#heap[0]; next !== undefined && next.dueMs <= nowMs; next = this.#heap[0]) {
      popFirst(this.#heap)
      const { action } = next
      next.action = undefined
      if (action === undefined) this.#cancelledCount--
      else action()
    }
    this.#arm()
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.number < b.number)
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parentAt = (at - 1) >> 1
    const parent = heap[parentAt]
    if (parent === undefined || isBefore(parent, entry)) break
    heap[at] = parent
    at = parentAt
  }
  heap[at] = entry
}

function popFirst(heap: Entry[]): void {
  const moved = heap.pop()
  if (moved === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let childAt = 2 * at + 1
    let child = heap[childAt]
    if (child === undefined) break
    const right = heap[childAt + 1]
    if (right !== undefined && isBefore(right, child)) {
      childAt++
      child = right
    }
    if (isBefore(moved, child)) break
    heap[at] = child
    at = childAt
  }
  heap[at] = moved
}
