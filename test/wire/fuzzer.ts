import { WireError } from '../../src/base/errors.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import { type CorpusEntry, corpus } from './corpus.ts'
import { mutate } from './mutation.ts'

/** No frame may hold the event loop up for longer. */
const decodeMsMax = 50
const slowTries = 5

/** What has come of the frames so far. */
export interface FuzzTally {
  frameCount: number
  /** Mutants that are messages, though others than they were made from. */
  decodedCount: number
  refusedCount: number
  slowestMs: number
}

/** A frame that was not treated as it should be. */
export interface FuzzFinding {
  readonly label: string
  readonly hex: string
  readonly what: string
}

/**
 * Feeds damaged messages to the codec. Each must either be refused with a `WireError` or decode to a value that can be
 * encoded, and that comes back from what was encoded; and it must be fast.
 */
export class Fuzzer {
  readonly tally: FuzzTally = { frameCount: 0, decodedCount: 0, refusedCount: 0, slowestMs: 0 }
  readonly #entries: readonly CorpusEntry[]
  readonly #random: SeededRandom

  constructor(seed: number, entries: readonly CorpusEntry[] = corpus()) {
    this.#random = seededRandom(seed)
    this.#entries = entries
  }

  /** Tries one more frame; yields what is wrong with how it was treated, if anything. */
  next(): FuzzFinding | undefined {
    const entry = this.#random.pick(this.#entries)
    const bytes = mutate(entry.bytes, this.#random, this.#random.pick(this.#entries).bytes)
    this.tally.frameCount++
    const what = this.#judge(entry, bytes)
    return what === undefined ? undefined : { label: entry.label, hex: bytes.toString('hex'), what }
  }

  #judge(entry: CorpusEntry, bytes: Buffer): string | undefined {
    const { outcome, tookMs } = timedAttempt(() => entry.codec.decode(bytes))
    this.tally.slowestMs = Math.max(this.tally.slowestMs, tookMs)
    if (tookMs > decodeMsMax) return `took ${tookMs.toFixed(1)} ms`
    if ('value' in outcome) {
      this.tally.decodedCount++
      return roundTripFault(entry, outcome.value)
    }
    this.tally.refusedCount++
    return outcome.error instanceof WireError ? undefined : `threw ${String(outcome.error)}`
  }
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

function attempt(act: () => unknown): Outcome {
  try {
    return { value: act() }
  } catch (error) {
    return { error }
  }
}

/** What slows all tries is the frame; what slows one may be the garbage collector, or another process. */
function timedAttempt(act: () => unknown): { readonly outcome: Outcome; readonly tookMs: number } {
  let leastMs = Infinity
  for (let triesLeft = slowTries; ; triesLeft--) {
    const startMs = performance.now()
    const outcome = attempt(act)
    leastMs = Math.min(leastMs, performance.now() - startMs)
    if (leastMs <= decodeMsMax || triesLeft === 1) return { outcome, tookMs: leastMs }
  }
}

/**
 * Bytes that differ may mean the same (sizes in more bytes than needed, broken UTF-8): those count that we make of the
 * value.
 */
function roundTripFault({ codec }: CorpusEntry, value: unknown): string | undefined {
  const outcome = attempt(() => {
    const encoded = codec.encode(value as never)
    const again = codec.encode(codec.decode(encoded) as never)
    return again.equals(encoded) ? undefined : 'is another after encoding and decoding'
  })
  return 'error' in outcome
    ? `decodes, then threw ${String(outcome.error)}`
    : (outcome.value as string | undefined)
}
