/** One way to try the log again and again. */
export interface Rig {
  readonly name: string
  /** What it tries, in a few words. */
  readonly subject: string
  /** How much time it gets, relative to the others. */
  readonly share: number
  /** Goes on until there is nothing left to try or the time is up. What it finds it says, and keeps. */
  readonly run: (task: RigTask) => Promise<RigReport>
}

/** What a rig is told. */
export interface RigTask {
  /** Where its choices begin. */
  readonly seed: number
  /** Whether the time is up. */
  readonly isOver: () => boolean
  /** When it is up, by `performance.now()`. */
  readonly endMs: number
  /** Prints a line. */
  readonly say: (text: string) => void
  /** Prints how far it has got, unless that was done a moment ago. */
  readonly progress: (text: () => string) => void
}

/** What a rig did. */
export interface RigReport {
  /** Cases, trials, disks: whatever it counts. */
  readonly tryCount: number
  readonly findingCount: number
  /** What became of them, in a few words. */
  readonly summary: string
  /** Nothing is left to try. */
  readonly isComplete: boolean
}
