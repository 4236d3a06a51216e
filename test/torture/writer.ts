import { setTimeout as sleep } from 'node:timers/promises'
import { nodeEnv } from '../../src/env/node-env.ts'
import { ClosedError, DiskFullError, type Log, openLog } from '../../src/log/public.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { mutantFiles } from './mutant-files.ts'
import { recordFor, recordsPerAppendMax } from './records.ts'
import type { WriterEvent } from './writer-event.ts'
import type { Chore, WriterTask } from './writer-task.ts'

/**
 * A process that writes to a log until it is killed, or until the disk fails it: several appends at a time, and now
 * and then a flush, a trim, a truncation or a close and reopening. It tells of everything on its standard output.
 */
class Writer {
  readonly #task: WriterTask
  readonly #random
  readonly #env
  #log: Log
  #nextIndex = 0
  #underWay = 0
  #pause: Promise<void> | undefined

  private constructor(task: WriterTask, env: ReturnType<typeof envOf>, log: Log) {
    this.#task = task
    this.#env = env
    this.#random = seededRandom(task.seed * 256 + task.life)
    this.#log = log
  }

  static async run(task: WriterTask): Promise<void> {
    const env = envOf(task)
    const writer = new Writer(task, env, await open(task, env))
    const lanes = Array.from({ length: task.lanes }, () => writer.#appendOnAndOn())
    await Promise.all([...lanes, writer.#doChores()])
  }

  async #appendOnAndOn(): Promise<never> {
    for (;;) {
      // A loop, for who waited first may have paused again.
      while (this.#pause !== undefined) await this.#pause
      const count = 1 + this.#random.int(recordsPerAppendMax)
      const firstIndex = this.#nextIndex
      this.#nextIndex += count
      this.#underWay++
      const baseOffset = await this.#append(firstIndex, count)
      this.#underWay--
      tell({ kind: 'acknowledged', baseOffset, firstIndex, count })
      if (this.#random.int(8) === 0) await sleep(this.#random.int(4))
    }
  }

  async #append(firstIndex: number, count: number): Promise<number> {
    const { seed, life } = this.#task
    const records = Array.from({ length: count }, (_, at) =>
      recordFor(seed, { life, index: firstIndex + at }),
    )
    const compression = this.#random.pick(['none', 'none', 'gzip', 'snappy', 'lz4'] as const)
    for (;;) {
      try {
        return (await this.#log.append(records, { compression })).baseOffset
      } catch (error) {
        // Closed, if it waited for room as the log was closed: it goes into the next.
        if (!(error instanceof DiskFullError || error instanceof ClosedError)) throw error
        tell({ kind: 'retrying' })
        await sleep(20)
      }
    }
  }

  async #doChores(): Promise<void> {
    const { chores, choreEveryMs } = this.#task
    while (chores.length > 0) {
      await sleep(1 + this.#random.int(choreEveryMs))
      await this.#do(this.#random.pick(chores))
    }
  }

  async #do(chore: Chore): Promise<void> {
    if (chore === 'flush') await this.#flush()
    else if (chore === 'trim') await this.#trim()
    else await this.#whilePaused(() => (chore === 'truncate' ? this.#truncate() : this.#reopen()))
  }

  async #flush(): Promise<void> {
    tell({ kind: 'flushing' })
    await this.#log.flush()
    tell({ kind: 'flushed' })
  }

  async #trim(): Promise<void> {
    const { startOffset, endOffset } = this.#log
    // A few records more than last time, or any number of segments.
    const most = Math.min(endOffset - startOffset, this.#random.pick([20, Infinity]))
    const offset = startOffset + this.#random.int(most + 1)
    tell({ kind: 'trimming', offset })
    await this.#log.trim(offset)
    tell({ kind: 'trimmed', offset })
  }

  async #truncate(): Promise<void> {
    // So that what goes is known: a batch under way would be cut or not.
    while (this.#underWay > 0) await sleep(1)
    const { startOffset, endOffset } = this.#log
    const offset = Math.max(startOffset, endOffset - this.#random.int(200))
    tell({ kind: 'truncating', offset })
    tell({ kind: 'truncated', endOffset: await this.#log.truncate(offset) })
  }

  async #reopen(): Promise<void> {
    tell({ kind: 'closing' })
    await this.#log.close()
    tell({ kind: 'closed' })
    this.#log = await open(this.#task, this.#env)
  }

  async #whilePaused(action: () => Promise<void>): Promise<void> {
    const { promise, resolve } = deferred()
    this.#pause = promise
    await action()
    this.#pause = undefined
    resolve()
  }
}

function envOf({ mutant }: WriterTask) {
  const env = nodeEnv()
  return mutant === undefined ? env : { ...env, files: mutantFiles(env.files, mutant) }
}

async function open({ directory, log: options }: WriterTask, env: ReturnType<typeof envOf>): Promise<Log> {
  tell({ kind: 'opening' })
  const log = await openLog(directory, { ...options, env })
  tell({ kind: 'opened', startOffset: log.startOffset, endOffset: log.endOffset })
  return log
}

/** At once, and from this process to the pipe: what waited in memory would die with it. */
function tell(event: WriterEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

try {
  await Writer.run(JSON.parse(process.argv[2] ?? '') as WriterTask)
} catch (error) {
  tell({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  process.exit(1)
}
