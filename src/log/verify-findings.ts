import { join } from 'node:path'
import type { Files } from '../env/env.ts'
import type { FileProblem, FileVerdict, Verdict } from './verify-report.ts'

/** What is found out, bit by bit, about one file. */
export class FileFinding {
  readonly file: string
  readonly sizeBytes: number
  readonly #problems: FileProblem[] = []
  readonly #details: string[] = []
  #verdict: Verdict = 'good'

  constructor(file: string, sizeBytes: number) {
    this.file = file
    this.sizeBytes = sizeBytes
  }

  get isDamaged(): boolean {
    return this.#verdict === 'damaged'
  }

  /** Something is wrong, at `position` or, with -1, with the file as a whole. */
  damage(position: number, reason: string): void {
    this.#problems.push({ position, reason })
    this.#verdict = 'damaged'
  }

  /** Something is not as it should be, but as a crash may leave it: the next open puts it right. */
  stale(detail: string): void {
    if (this.#verdict !== 'damaged') this.#verdict = 'stale'
    this.note(detail)
  }

  /** {@link damage} where nothing explains it, {@link stale} where a crash does. */
  fault(isExplained: boolean, position: number, reason: string): void {
    if (!isExplained) this.damage(position, reason)
    else if (this.#verdict !== 'stale') this.stale(`${reason}; made again at the next open`)
  }

  unknown(detail: string): void {
    this.#verdict = 'unknown'
    this.note(detail)
  }

  note(detail: string): void {
    this.#details.push(detail)
  }

  toVerdict(): FileVerdict {
    const problems = this.#problems.toSorted((one, other) => one.position - other.position)
    const { file, sizeBytes } = this
    return { file, sizeBytes, verdict: this.#verdict, problems, detail: this.#details.join('; ') }
  }
}

/** What is found out about the files of a directory, by their names. */
export class Findings {
  readonly #files: Files
  readonly #directory: string
  readonly #findings = new Map<string, FileFinding>()

  constructor(files: Files, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  /** Whether somebody has looked at this file. */
  has(name: string): boolean {
    return this.#findings.has(name)
  }

  /** The finding about a file, also about one that should be there and is not. */
  of(name: string): FileFinding {
    const known = this.#findings.get(name)
    if (known !== undefined) return known
    const finding = new FileFinding(name, this.#files.statSync(join(this.#directory, name))?.sizeBytes ?? 0)
    this.#findings.set(name, finding)
    return finding
  }

  /** True when `name` is damaged. */
  isDamaged(name: string): boolean {
    return this.#findings.get(name)?.isDamaged ?? false
  }

  toVerdicts(): FileVerdict[] {
    return [...this.#findings.values()]
      .map((finding) => finding.toVerdict())
      .toSorted((one, other) => (one.file < other.file ? -1 : 1))
  }
}

/** `1 batch`, `5 batches`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
