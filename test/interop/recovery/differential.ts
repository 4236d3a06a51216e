import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DurablePoint } from '../../../src/log/durable-point.ts'
import { type SeededRandom, seededRandom } from '../../../src/testing/seeded-random.ts'
import type { KafkaLoader } from '../kafka/kafka-loader.ts'
import {
  type BaseDirectory,
  copyBase,
  copyLogsUpTo,
  forgetCleanStop,
  intactEndOffset,
  timestampsIn,
} from './base-directory.ts'
import { damage } from './damage.ts'
import type { Truth } from './flaw.ts'
import { isRefused, type LoadAnswer, type LoadRequest, type Served } from './load-answer.ts'
import { loadWithTidemark } from './load-with-tidemark.ts'
import { judge, type Verdict, withoutEmptyEpoch } from './verdict.ts'

/** One damaged directory, and what became of it. */
export interface Trial {
  readonly description: string
  readonly verdict: Verdict
  readonly kafka: LoadAnswer
  readonly ours: LoadAnswer
}

/** How a trial begins. */
interface Situation {
  readonly base: BaseDirectory
  readonly clean: boolean
  readonly durable: DurablePoint
  readonly startOffset: number
}

/** Damages copies of directories at random, has Kafka and ours load the same, and judges what they make of it. */
export class Differential {
  readonly #loader: KafkaLoader
  readonly #work: string
  readonly #bases: readonly BaseDirectory[]
  /** What Kafka makes of undamaged logs, by base, end and start. */
  readonly #references = new Map<string, Promise<Served>>()
  #copies = 0

  constructor(loader: KafkaLoader, work: string, bases: readonly BaseDirectory[]) {
    this.#loader = loader
    this.#work = work
    this.#bases = bases
  }

  /** The same seed makes the same trial. */
  async run(seed: number): Promise<Trial> {
    const random = seededRandom(seed)
    const situation = chooseSituation(random.pick(this.#bases), random)
    const { base, clean, durable, startOffset } = situation
    const directory = this.#newDirectory()
    copyBase(base, directory)
    const what = damage(directory, random)
    if (base.writer === 'Tidemark' && !clean) forgetCleanStop(directory, durable)
    const intactEnd = intactEndOffset(base, directory)
    const { kafka, ours: all } = await this.#loadTwice(directory, situation)
    const whole = await this.#reference(situation, undefined)
    const ours = withoutEmptyEpoch(all, whole)
    const truth = { whole, durableOffset: durable.offset, intactEndOffset: intactEnd }
    const verdict = await this.#judge(situation, { kafka, ours, truth })
    const stop = clean ? 'clean' : `unclean, durable up to ${durable.offset}`
    return { description: `${base.name} from ${startOffset}, ${stop}: ${what}`, verdict, kafka, ours }
  }

  async #loadTwice(
    directory: string,
    situation: Situation,
  ): Promise<{ kafka: LoadAnswer; ours: LoadAnswer }> {
    const { base, startOffset } = situation
    const request = requestFor(situation)
    const same = this.#newDirectory()
    cpSync(directory, same, { recursive: true })
    const kafka = await this.#loader.load({ ...request, directory: same })
    const ours = await loadWithTidemark({ ...request, directory }, { embedded: base.writer === 'Tidemark' })
    for (const each of [directory, same]) rmSync(each, { recursive: true })
    return { kafka: withoutTrimmed(kafka, startOffset), ours: withoutTrimmed(ours, startOffset) }
  }

  async #judge(
    situation: Situation,
    given: { kafka: LoadAnswer; ours: LoadAnswer; truth: Truth },
  ): Promise<Verdict> {
    const references = new Map<LoadAnswer, Served>()
    for (const answer of [given.kafka, given.ours]) {
      const end = isRefused(answer) ? undefined : endOf(answer, situation)
      if (end !== undefined) references.set(answer, await this.#reference(situation, end))
    }
    return judge({ ...given, referenceFor: (answer) => references.get(answer) })
  }

  /** What Kafka makes of the log up to `end`, all of it without one, when it has nothing but the undamaged bytes. */
  #reference(situation: Situation, end: DurablePoint | undefined): Promise<Served> {
    const { base, startOffset } = situation
    const upTo = end ?? lastOf(base)
    const key = `${base.name} ${upTo.offset} ${startOffset}`
    const known = this.#references.get(key)
    if (known !== undefined) return known
    const found = this.#loadReference(situation, upTo)
    this.#references.set(key, found)
    return found
  }

  async #loadReference(situation: Situation, upTo: DurablePoint): Promise<Served> {
    const { startOffset } = situation
    const served = await this.#loadUndamaged(situation, upTo, startOffset)
    if (startOffset === 0) return served
    // Without snapshots Kafka knows nothing of producers, and of where transactions began, before the start.
    const { producers, aborted, stableOffset } = await this.#loadUndamaged(situation, upTo, 0)
    return withoutTrimmed({ ...served, producers, aborted, stableOffset }, startOffset)
  }

  async #loadUndamaged(situation: Situation, upTo: DurablePoint, startOffset: number): Promise<Served> {
    const directory = this.#newDirectory()
    copyLogsUpTo(situation.base, upTo, directory)
    const known = { ...requestFor(situation), clean: false, recoveryPoint: 0, startOffset }
    const answer = await this.#loader.load({ ...known, directory })
    rmSync(directory, { recursive: true })
    if (isRefused(answer)) throw new Error(`Kafka refuses an undamaged log: ${answer.refused}`)
    return answer
  }

  #newDirectory(): string {
    return join(this.#work, String(this.#copies++), 'trial-0')
  }
}

/**
 * A log that a broker left running has not stopped cleanly. After a clean stop everything was durable, and ours
 * remembers where its log begins; it never begins beyond the durable point.
 */
function chooseSituation(base: BaseDirectory, random: SeededRandom): Situation {
  const clean = base.name !== 'killed broker' && random.int(5) < 2
  const durable = clean || random.int(4) === 0 ? lastOf(base) : random.pick(base.boundaries)
  const isTrimmed = random.int(6) === 0 && !(clean && base.writer === 'Tidemark')
  const { offset: endOffset } = base.writer === 'Tidemark' ? durable : lastOf(base)
  return { base, clean, durable, startOffset: isTrimmed ? random.int(Math.max(endOffset, 1)) : 0 }
}

function requestFor({ base, clean, durable, startOffset }: Situation): Omit<LoadRequest, 'directory'> {
  const timestamps = timestampsIn(base, startOffset)
  return { clean, recoveryPoint: durable.offset, startOffset, nowMs: base.nowMs, timestamps }
}

/** Without producers and transactions of what was trimmed, of which more or less is known as snapshots are at hand. */
function withoutTrimmed<T extends LoadAnswer>(answer: T, startOffset: number): T {
  if (isRefused(answer) || startOffset === 0) return answer
  return {
    ...answer,
    stableOffset: Math.max(answer.stableOffset, startOffset),
    producers: answer.producers.filter((line) => Number(/ to (\d+)$/.exec(line)?.[1] ?? -1) >= startOffset),
    aborted: answer.aborted.filter((line) => Number(/^\d+ (\d+)\.\./.exec(line)?.[1] ?? -1) >= startOffset),
  }
}

/** The boundary at which a log ends; an empty one ended before what was trimmed. */
function endOf({ endOffset, batches }: Served, { base, startOffset }: Situation): DurablePoint | undefined {
  const { boundaries } = base
  if (batches.length === 0) return boundaries.findLast(({ offset }) => offset < startOffset) ?? boundaries[0]
  return boundaries.find(({ offset }) => offset === endOffset)
}

function lastOf({ boundaries }: BaseDirectory): DurablePoint {
  const last = boundaries.at(-1)
  if (last === undefined) throw new RangeError('a log has at least one boundary')
  return last
}
