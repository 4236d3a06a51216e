import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** What is mounted now, so that nothing stays behind when the process ends early. */
const mounted = new Set<Mount>()

process.on('exit', () => {
  for (const mount of mounted) mount.detachSync()
})

/** A file system that is mounted until it is unmounted. */
export class Mount {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** `mount ...words path`. */
  static async at(path: string, ...words: string[]): Promise<Mount> {
    const mount = new Mount(path)
    await execute('mount', [...words, path])
    mounted.add(mount)
    return mount
  }

  /** Its loop device, if it has one, goes with it. */
  async unmount(): Promise<void> {
    await execute('umount', [this.#path])
    mounted.delete(this)
  }

  /** Out of the way, whoever still uses it. */
  detachSync(): void {
    mounted.delete(this)
    try {
      execFileSync('umount', ['--lazy', this.#path], { stdio: 'ignore' })
    } catch {
      // It is gone already, or will be with the machine.
    }
  }
}
