import { appendFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeEnv } from '../../src/env/node-env.ts'
import { systemErrorCode } from '../../src/env/system-error.ts'
import { TidemarkError } from '../../src/log/public.ts'
import { reserveFile } from '../../src/log/space-reserve.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import { compare } from './compare.ts'
import { examine } from './examine.ts'
import type { Finding } from './finding.ts'
import { History } from './history.ts'
import { Mount } from './mount.ts'
import { mutantFiles } from './mutant-files.ts'
import { nothingHappened, type Outcome } from './outcome.ts'
import { readAll } from './survivors.ts'
import type { Workplace } from './trial.ts'
import { TryingLog } from './trying-log.ts'
import { WriterProcess } from './writer-process.ts'
import type { LogTask, WriterTask } from './writer-task.ts'

/** Writing must go on by itself so long after there is room again. */
export const resumeMsMax = 5_000

const fillsPerTrial = 4
/** What other files take of the disk. */
const ballastBytes = 900 * 1024
/** With so much free, room for the reserve included, the log must write again. */
const roomEnoughBytes = 512 * 1024

/** What happens to a full disk: room comes to be there again, in these ways. */
const remedies = ['trim', 'retention', 'others delete', 'reopen and trim'] as const
type Remedy = (typeof remedies)[number]

/**
 * Fills a small disk (tmpfs): first a writer does, which is killed there; then, several times over, a log until its
 * appends are refused, or other files to the last byte. Each time everything must be readable, room comes to be there
 * again, made by the log itself or by others, and the appends, which are only made again and again, must go through in
 * time. In the end nothing may be lost, or there twice.
 */
export async function fillDisk({ seed }: { readonly seed: number }, workplace: Workplace): Promise<Outcome> {
  const random = seededRandom(seed)
  const path = join(workplace.directory, 'small')
  mkdirSync(path)
  const disk = await Mount.at(path, '-t', 'tmpfs', '-o', `size=${random.pick([2, 3, 5])}M`, 'tidemark-small')
  const full = new FullDisk(path, seed, workplace, random)
  try {
    return await full.run()
  } finally {
    disk.detachSync()
  }
}

class FullDisk {
  readonly #directory: string
  readonly #ballast: string
  readonly #seed: number
  readonly #workplace: Workplace
  readonly #random: SeededRandom
  readonly #options: LogTask
  readonly #files
  readonly #history = new History(0)
  readonly #log: TryingLog
  readonly #findings: Finding[] = []
  #resumeMs = 0

  constructor(path: string, seed: number, workplace: Workplace, random: SeededRandom) {
    this.#directory = join(path, 'log')
    this.#ballast = join(path, 'ballast')
    this.#seed = seed
    this.#workplace = workplace
    this.#random = random
    this.#options = drawOptions(random)
    const { mutant } = workplace
    const env = nodeEnv()
    this.#files = mutant === undefined ? env.files : mutantFiles(env.files, mutant)
    const options = { ...this.#options, retentionBytes: 512 * 1024, env: { ...env, files: this.#files } }
    const history = this.#history
    this.#log = new TryingLog({ directory: this.#directory, options, seed, life: 1, random, history })
  }

  async run(): Promise<Outcome> {
    let fills = 0
    await this.#dieOnTheFullDisk()
    this.#history.begin(1)
    await this.#attempt('opening what a kill left on a full disk', () => this.#log.open())
    for (; fills < fillsPerTrial && this.#findings.length === 0; fills++) await this.#fillAndEmpty()
    await this.#attempt('closing', () => this.#log.close())
    if (this.#findings.length === 0)
      this.#findings.push(...(await examine(this.#directory, this.#seed, this.#options, this.#history)))
    const { acknowledgedCount: acknowledged } = this.#history
    const done = { kills: 1, fills: fills + 1, acknowledged, resumeMs: this.#resumeMs }
    return { ...nothingHappened, ...done, findings: this.#findings }
  }

  /** Another process fills the disk, goes on trying, and is killed. */
  async #dieOnTheFullDisk(): Promise<void> {
    const { writerPath, mutant } = this.#workplace
    const task: WriterTask = {
      ...{ directory: this.#directory, seed: this.#seed, life: 0, lanes: 8, mutant, log: this.#options },
      ...{ chores: [], choreEveryMs: 0 },
    }
    this.#history.begin(0)
    takeRoom(this.#ballast, ballastBytes)
    const writer = WriterProcess.start(writerPath, task, (event) =>
      this.#history.take(event, performance.now()),
    )
    await writer.saw('retrying')
    await sleep(this.#random.int(50))
    await writer.kill()
    this.#history.end(performance.now())
    if (writer.failure !== undefined) this.#find('refused', `the writer failed: ${writer.failure}`)
  }

  async #fillAndEmpty(): Promise<void> {
    await this.#fill()
    await this.#attempt('reading on the full disk', async () => {
      this.#findings.push(...compare(this.#history, await readAll(this.#log.log, this.#seed)))
    })
    const remedy = this.#random.pick(remedies)
    await this.#attempt(`the disk is full, ${remedy}`, () => this.#makeRoom(remedy))
    // A short log cannot make room enough alone.
    if (nodeEnv().files.freeBytesSync(this.#directory) < roomEnoughBytes)
      rmSync(this.#ballast, { force: true })
    if (this.#findings.length === 0) await this.#resume(remedy)
    rmSync(this.#ballast, { force: true })
  }

  async #fill(): Promise<void> {
    // To the last byte only while the log holds its reserve: without it there may be no way to free anything.
    const isReserveHeld = existsSync(join(this.#directory, reserveFile))
    if (isReserveHeld && this.#random.int(3) === 0) return takeRoom(this.#ballast, Infinity)
    if (!existsSync(this.#ballast)) takeRoom(this.#ballast, ballastBytes)
    while (await this.#log.append()) {
      // Until the disk is full.
    }
  }

  async #makeRoom(remedy: Remedy): Promise<void> {
    if (remedy === 'others delete') return rmSync(this.#ballast)
    if (remedy === 'reopen and trim') {
      await this.#log.close()
      await this.#log.open()
    }
    const { log } = this.#log
    if (remedy === 'retention') await log.applyRetention()
    else await log.trim(log.endOffset)
    this.#history.take({ kind: 'trimming', offset: log.startOffset }, 0)
    this.#history.take({ kind: 'trimmed', offset: log.startOffset }, 0)
  }

  async #resume(remedy: Remedy): Promise<void> {
    const resumeMs = await this.#log.appendWithin(resumeMsMax)
    if (resumeMs === undefined) this.#find('slow', `no append in ${resumeMsMax} ms after ${remedy}`)
    else this.#resumeMs = Math.max(this.#resumeMs, resumeMs)
  }

  /** What the log must be able to do, full disk or not. */
  async #attempt(doing: string, action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      this.#find('refused', `${doing}: ${error.name}: ${error.message}`)
    }
  }

  #find(kind: Finding['kind'], detail: string): void {
    this.#findings.push({ kind, detail })
  }
}

function drawOptions(random: SeededRandom): LogTask {
  return {
    durability: random.pick(['sync', 'os']),
    syncIntervalMs: 1000,
    segmentBytes: random.pick([64, 256]) * 1024,
    indexIntervalBytes: 4096,
    reserveBytes: 256 * 1024,
    fileDeleteDelayMs: random.pick([0, 100]),
  }
}

/** What others write to the same disk: so much, or as much as there is room for. */
function takeRoom(path: string, sizeBytes: number): void {
  const block = Buffer.alloc(4096, 0x5a)
  try {
    for (let written = 0; written < sizeBytes; written += block.length) appendFileSync(path, block)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOSPC') throw error
  }
}
