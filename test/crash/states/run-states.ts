import type { LogOptions } from '../../../src/log/log-options.ts'
import {
  type CrashAnswer,
  type CrashSurveyBound,
  type CrashSurveyOptions,
  surveyCrash,
} from '../../../src/testing/crash-outcomes.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { checkState, type Duty } from './check-state.ts'
import { directoryDigest } from './directory-digest.ts'
import { type Expected, keyOf, Promised } from './expected.ts'
import { directory } from './opened-log.ts'
import { type Beginning, type CrashPoint, type FileLayer, WorkloadRun } from './workload-run.ts'
import { allWorkloads, formatWorkload, type Step, type Workload } from './workload.ts'

/** What {@link runStates} is to do. */
export interface StatesOptions {
  /** Chooses the samples where a cut has too many outcomes for all of them, and the order of the longest workloads. */
  readonly seed: number
  /** Default: {@link allWorkloads}. */
  readonly workloads?: Iterable<Workload>
  /** Begins no further workload after so many milliseconds. Default: no limit. */
  readonly budgetMs?: number
  /** Ends with the violation that makes so many. Default 20. */
  readonly violationsMax?: number
  /** Told after each workload. */
  readonly onProgress?: (report: StatesReport) => void
  /** A deliberate bug between the engine and the disk, while the workloads run. */
  readonly layer?: FileLayer
}

/** A disk that a power cut may leave, and on which a promise is broken. */
export interface StatesViolation {
  readonly workload: string
  /** The call before which the power was cut, or that a step had just been resolved. */
  readonly point: string
  /** What became of each change that was not synced. */
  readonly state: readonly string[]
  readonly message: string
}

/** What was enumerated and found. */
export interface StatesReport {
  readonly workloads: number
  readonly crashPoints: number
  /** By which bound their outcomes were enumerated. */
  readonly bounds: Readonly<Record<CrashSurveyBound, number>>
  /** Disks that were made. */
  readonly states: number
  /** Of these, and of what had to be on them, different ones: each was opened and checked. */
  readonly opened: number
  /** What these were recovered to, different ones: each was appended to, closed, verified and opened again. */
  readonly recovered: number
  readonly violations: readonly StatesViolation[]
  readonly durationMs: number
}

/** A disk to be opened once the workload is through, for by then its batches are known byte by byte. */
interface WaitingState {
  readonly files: MemoryFiles
  readonly expected: Expected
  readonly answers: readonly CrashAnswer[]
  readonly point: string
}

const surveyBounds = { exhaustiveMax: 256, pairsMax: 600, sampleCount: 60 } as const

/** So that all that a log of a few records does happens: segments fill, batches are torn, old segments go. */
function optionsFor(durability: Workload['durability']): LogOptions {
  return {
    durability,
    segmentBytes: 1500,
    indexIntervalBytes: 0,
    retentionBytes: 3000,
    reserveBytes: 0,
    scrubBytesPerSecond: 0,
    syncIntervalRecords: 4,
    // Both ways of deleting: at once, and at the close.
    fileDeleteDelayMs: durability === 'sync' ? 60_000 : 0,
  }
}

/** What makes the log with which most workloads begin. */
const growth: readonly Step[] = [
  'append several',
  'append idempotent',
  'roll',
  'append transactional',
  'trim',
  'append compressed',
  'roll',
  'append idempotent',
  'close',
]

/**
 * Cuts the power at every moment of every workload, opens every disk that this may leave, and checks that what was
 * promised at that moment is there, and nothing else.
 */
export async function runStates(options: StatesOptions): Promise<StatesReport> {
  return new StatesRun(options).run()
}

class StatesRun {
  readonly #options: StatesOptions
  readonly #layer: FileLayer
  readonly #survey: CrashSurveyOptions
  readonly #beginnings = new Map<string, Beginning>()
  readonly #seen = new Set<string>()
  readonly #recovered = new Set<string>()
  readonly #violations: StatesViolation[] = []
  readonly #bounds = { exhaustive: 0, pairs: 0, singles: 0 }
  readonly #startedMs = performance.now()
  #workloadCount = 0
  #pointCount = 0
  #stateCount = 0
  #openedCount = 0

  constructor(options: StatesOptions) {
    this.#options = options
    this.#layer = options.layer ?? ((files) => files)
    this.#survey = { ...surveyBounds, random: seededRandom(options.seed) }
  }

  async run(): Promise<StatesReport> {
    const { seed, budgetMs = Number.POSITIVE_INFINITY, onProgress } = this.#options
    const { workloads = allWorkloads(seededRandom(seed)) } = this.#options
    for (const workload of workloads) {
      if (this.#elapsedMs() >= budgetMs || this.#isEnough) break
      await this.#runWorkload(workload)
      this.#workloadCount++
      onProgress?.(this.#report())
    }
    return this.#report()
  }

  async #runWorkload(workload: Workload): Promise<void> {
    const waiting: WaitingState[] = []
    let isLast = false
    const beginning = await this.#beginning(workload)
    const run = new WorkloadRun(beginning, this.#layer, (point) => {
      if (isLast) this.#collect(workload, point, waiting)
    })
    try {
      for (const [index, step] of workload.steps.entries()) {
        isLast = index === workload.steps.length - 1
        await run.perform(step)
      }
    } catch (error) {
      this.#violate(workload, { point: 'before any cut', answers: [] }, error)
    }
    await run.abandon()
    for (const state of waiting) {
      if (this.#isEnough) return
      await this.#check(workload, state, {
        bytes: run.bytes,
        options: beginning.options,
        recovered: this.#recovered,
      })
    }
  }

  /** The disks of one cut that were not met before under the same expectation. */
  #collect(workload: Workload, { files, expected, next }: CrashPoint, waiting: WaitingState[]): void {
    this.#pointCount++
    const { bound, outcomes } = surveyCrash(files, this.#survey)
    this.#bounds[bound]++
    const key = `${workload.durability} ${keyOf(expected)}`
    const point = next === undefined ? 'a step is done' : `before ${next.kind} ${next.path}`
    for (const { files: left, answers } of outcomes) {
      this.#stateCount++
      const digest = `${directoryDigest(left, directory)} ${key}`
      if (this.#seen.has(digest)) continue
      this.#seen.add(digest)
      waiting.push({ files: left, expected, answers, point })
    }
  }

  async #check(workload: Workload, state: WaitingState, known: Omit<Duty, 'expected'>): Promise<void> {
    this.#openedCount++
    try {
      await checkState(state.files, { ...known, expected: state.expected })
    } catch (error) {
      this.#violate(workload, state, error)
    }
    state.files.kill()
  }

  /** Where workloads of this kind begin. */
  async #beginning({ durability, origin }: Workload): Promise<Beginning> {
    const name = `${durability} ${origin}`
    const known = this.#beginnings.get(name)
    if (known !== undefined) return known
    const options = optionsFor(durability)
    const nothing = { options, files: new MemoryFiles(), promised: new Promised(false), nextValue: 0 }
    const run = new WorkloadRun(
      nothing,
      (files) => files,
      () => undefined,
    )
    if (origin === 'grown') for (const step of growth) await run.perform(step)
    const beginning = run.ending()
    this.#beginnings.set(name, beginning)
    return beginning
  }

  #violate(workload: Workload, state: Pick<WaitingState, 'point' | 'answers'>, error: unknown): void {
    this.#violations.push({
      workload: formatWorkload(workload),
      point: state.point,
      state: state.answers.map(formatAnswer),
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    })
  }

  get #isEnough(): boolean {
    return this.#violations.length >= (this.#options.violationsMax ?? 20)
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedMs
  }

  #report(): StatesReport {
    return {
      workloads: this.#workloadCount,
      crashPoints: this.#pointCount,
      bounds: { ...this.#bounds },
      states: this.#stateCount,
      opened: this.#openedCount,
      recovered: this.#recovered.size,
      violations: this.#violations,
      durationMs: this.#elapsedMs(),
    }
  }
}

const answerNames: Readonly<Record<CrashAnswer['question']['about'], readonly string[]>> = {
  entry: ['lost', 'kept'],
  truncate: ['lost', 'kept'],
  write: ['lost', 'kept'],
  cut: [],
  fill: ['zeros', 'garbage'],
}

/** `write /data/orders-0/00000000000000000000.log: kept`. */
function formatAnswer({ question: { about, path }, answer, count }: CrashAnswer): string {
  const name = answerNames[about][answer] ?? `${about === 'write' ? 'torn' : 'at'} ${answer} of ${count}`
  return `${about} ${path}: ${name}`
}
