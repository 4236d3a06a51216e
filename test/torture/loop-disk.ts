import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Mount } from './mount.ts'

const execute = promisify(execFile)

/** File systems with a journal that can be shut down. */
export type FileSystem = 'ext4' | 'xfs'

interface Making {
  /** Smaller ones are refused, or waste their room on the journal. The image is sparse. */
  readonly sizeBytes: number
  readonly command: readonly string[]
}

const makings: Readonly<Record<FileSystem, Making>> = {
  ext4: { sizeBytes: 64 * 2 ** 20, command: ['mkfs.ext4', '-q'] },
  xfs: { sizeBytes: 320 * 2 ** 20, command: ['mkfs.xfs', '-q'] },
}

/** A disk in a file: a fresh file system in `directory`, mounted below it through a loop device. */
export class LoopDisk {
  readonly #image: string
  readonly #options: string
  /** Where it is mounted. */
  readonly path: string
  #mount: Mount | undefined

  private constructor(directory: string, options: string) {
    this.#image = join(directory, 'disk.img')
    this.path = join(directory, 'disk')
    this.#options = ['loop', options].filter((each) => each !== '').join(',')
  }

  /** Makes one and mounts it with `options`. The file system is made once and then copied. */
  static async create(fileSystem: FileSystem, directory: string, options: string): Promise<LoopDisk> {
    const disk = new LoopDisk(directory, options)
    mkdirSync(disk.path)
    const template = await templateOf(fileSystem, dirname(directory))
    await execute('cp', ['--sparse=always', template, disk.#image])
    await disk.mount()
    return disk
  }

  /** Replays the journal, after a cut. */
  async mount(): Promise<void> {
    this.#mount = await Mount.at(this.path, '-o', this.#options, this.#image)
  }

  async unmount(): Promise<void> {
    await this.#mount?.unmount()
    this.#mount = undefined
  }

  /** Gone for good, however it stands. */
  discard(): void {
    this.#mount?.detachSync()
    rmSync(this.#image, { force: true })
  }
}

async function templateOf(fileSystem: FileSystem, directory: string): Promise<string> {
  const template = join(directory, `${fileSystem}.img`)
  if (existsSync(template)) return template
  const { sizeBytes, command } = makings[fileSystem]
  const [program = '', ...words] = command
  const unfinished = `${template}.new`
  writeFileSync(unfinished, '')
  truncateSync(unfinished, sizeBytes)
  await execute(program, [...words, unfinished])
  renameSync(unfinished, template)
  return template
}
