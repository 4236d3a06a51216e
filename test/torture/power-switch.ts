import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { ShutdownFlag } from './outcome.ts'
import { projectRoot } from './project-root.ts'

/** A helper process with its hand on the switch of one mounted file system, so that a cut takes no longer than a system call. */
export class PowerSwitch {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  readonly #ended: Promise<unknown>
  #errors = ''

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.#errors += chunk))
    this.#ended = once(child, 'close')
  }

  /** For the file system mounted at `mountPoint`, which must be on a loop device. */
  static async at(mountPoint: string): Promise<PowerSwitch> {
    const script = join(projectRoot, 'test/torture/cut-power.pl')
    const itself = new PowerSwitch(spawn('perl', [script, mountPoint]))
    await itself.#expect('ready')
    return itself
  }

  /** Has some ranges of some files below `directory` written, in any order: what a kernel short of memory does. */
  async writeSomeBack(directory: string, random: SeededRandom): Promise<void> {
    for (let count = random.int(5); count > 0; count--) {
      const names = readdirSync(directory)
      // A writer that has only begun has no files yet.
      if (names.length === 0) return
      const path = join(directory, random.pick(names))
      const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
      const start = random.int(sizeBytes + 1)
      this.#child.stdin.write(`writeback ${start} ${1 + random.int(sizeBytes - start + 1)} ${path}\n`)
      await this.#expect('written')
    }
  }

  /** Nothing reaches the disk any more. */
  async cut(flag: ShutdownFlag): Promise<void> {
    this.#child.stdin.write(`shutdown ${flag}\n`)
    await this.#expect('off')
  }

  /** Lets go of the file system, which can then be unmounted. */
  async release(): Promise<void> {
    this.#child.stdin.end()
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async #expect(answer: string): Promise<void> {
    const { value } = await this.#answers.next()
    if (value !== answer) throw new Error(`the power switch failed: ${this.#errors || String(value)}`)
  }
}
