import { type MirrorOptions, type ResolvedMirrorOptions, resolveMirrorOptions } from './mirror-options.ts'
import { MirrorRun } from './mirror-run.ts'
import type { MirrorProgress, MirrorReport } from './mirror-report.ts'

export type { MirrorOptions } from './mirror-options.ts'
export type { MirroredPartition, MirrorProgress, MirrorReport } from './mirror-report.ts'

/**
 * Copies topics from one cluster to another: keys, values, headers and timestamps as they are, to the same partitions, each record
 * once. Run again, by whoever and after whatever end, it goes on where it was: how far it is, is kept in the target.
 *
 * ```ts
 * await using from = await Tidemark.open('./data')
 * await using to = await Tidemark.connect('kafka:9092')
 * await new Mirror({ from, to, topics: ['orders', /^payments\./] }).run()
 * ```
 *
 * Nobody else may write to partitions that are mirrored to, a second mirror of the same topic included. Where that has happened
 * it is noticed, and nothing more is copied.
 */
export class Mirror {
  readonly #options: ResolvedMirrorOptions
  #run: MirrorRun | undefined

  /** @throws TypeError when there is nothing to mirror, or nowhere to */
  constructor(options: MirrorOptions) {
    this.#options = resolveMirrorOptions(options)
  }

  /** How far the run is that is under way, or was the last. */
  progress(): MirrorProgress {
    return this.#run?.progress() ?? { recordCount: 0, copiedBytes: 0, lag: 0 }
  }

  /**
   * Copies up to the ends of the source as of now, or on and on with `follow`. When `signal` is aborted it ends what is under way, notes
   * how far it came, and resolves.
   *
   * @throws MirrorConflictError when others have written to the target, or either side has lost records
   * @throws TypeError when source and target are one cluster; KafkaError, ConnectionError, TimeoutError and what else clients throw
   */
  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<MirrorReport> {
    const run = new MirrorRun(this.#options, signal)
    this.#run = run
    return await run.run()
  }
}
