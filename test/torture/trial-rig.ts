import type { Rig, RigReport, RigTask } from './rig.ts'
import { keepSeed } from './seed-file.ts'
import { Tally } from './tally.ts'
import { bite, isControlLosing, teeth, trialOf } from './teeth.ts'
import { formatTrial, parseTrial } from './trial.ts'
import { missingFor, type Workbench } from './workbench.ts'

/** What the rigs with real processes and disks share. */
export interface TrialRigOptions {
  readonly name: string
  readonly subject: string
  readonly share: number
  /** The trials that are made in turn, without their seeds. */
  readonly rounds: readonly string[]
}

/** Control trials that are too few tell nothing. */
const controlCountMin = 10

/** Trial follows trial, once every mutant was caught; those that fail are kept. */
export function trialRig({ name, subject, share, rounds }: TrialRigOptions, bench: Workbench): Rig {
  return { name, subject, share, run: (task) => new TrialRun(name, rounds, bench, task).run() }
}

class TrialRun {
  readonly #name: string
  readonly #rounds: readonly string[]
  readonly #bench: Workbench
  readonly #task: RigTask
  readonly #tally = new Tally()
  #trialCount = 0
  /** Mutants that escaped, trials that could not be made. */
  #failureCount = 0

  constructor(name: string, rounds: readonly string[], bench: Workbench, task: RigTask) {
    this.#name = name
    this.#bench = bench
    this.#task = task
    this.#rounds = rounds.filter((trials) => this.#isPossible(trials))
  }

  async run(): Promise<RigReport> {
    await this.#catchMutants()
    await this.#makeTrials()
    if (this.#trialCount > 0) this.#task.say(this.#tally.format())
    const isBlunt = this.#isBlunt()
    return {
      tryCount: this.#trialCount,
      findingCount: this.#tally.findingCount + this.#failureCount + (isBlunt ? 1 : 0),
      summary: this.#tally.describe(),
      isComplete: this.#rounds.length === 0,
    }
  }

  async #catchMutants(): Promise<void> {
    for (const tooth of teeth) {
      if (!this.#rounds.includes(tooth.trials) || this.#task.isOver()) continue
      if (missingFor(trialOf(tooth, 1)) !== undefined) continue
      const survived = await bite(tooth, this.#bench)
      if (survived === undefined) this.#failureCount++
      const fate = survived === undefined ? 'ESCAPED' : `caught in trial ${survived + 1}`
      this.#task.say(`mutant ${tooth.mutant}, ${tooth.trials}: ${fate}`)
    }
  }

  async #makeTrials(): Promise<void> {
    const { seed, isOver, progress } = this.#task
    for (; !isOver() && this.#rounds.length > 0; this.#trialCount++) {
      const trials = this.#rounds[this.#trialCount % this.#rounds.length]
      await this.#makeTrial(`${trials} ${seed + this.#trialCount}`)
      progress(() => `${this.#trialCount} trials, ${this.#tally.findingCount} findings`)
    }
  }

  async #makeTrial(line: string): Promise<void> {
    const trial = parseTrial(line)
    try {
      const outcome = await this.#bench.run(trial)
      this.#tally.add(trial, outcome)
      for (const { kind, detail } of outcome.findings.slice(0, 5))
        this.#task.say(`${formatTrial(trial)}: ${kind}: ${detail}`)
      if (outcome.findings.length > 0) keepSeed('torture', line)
    } catch (error) {
      // The rig itself is at fault: that must show in the end, but what it has found until then must not be lost.
      this.#failureCount++
      this.#task.say(`${line} could not be made: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }

  /** Whether the cuts under `'os'` lose so little that the others prove nothing. */
  #isBlunt(): boolean {
    const controls = this.#tally.matching(/^cuts \w+ os$/)
    const exposed = controls.filter((outcome) => outcome.exposed)
    if (exposed.length === 0) return false
    const losingCount = exposed.filter(({ shed }) => shed > 0).length
    this.#task.say(`control: ${losingCount} of ${exposed.length} trials under 'os' lost records`)
    return exposed.length >= controlCountMin && !isControlLosing(controls)
  }

  #isPossible(trials: string): boolean {
    const missing = missingFor(parseTrial(`${trials} 0`))
    if (missing !== undefined) this.#task.say(`${this.#name}: left out: ${trials}: ${missing}`)
    return missing === undefined
  }
}
