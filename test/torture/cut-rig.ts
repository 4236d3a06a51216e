import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Durability } from '../../src/log/public.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import { examine } from './examine.ts'
import type { Finding } from './finding.ts'
import { History } from './history.ts'
import { type FileSystem, LoopDisk } from './loop-disk.ts'
import { nothingHappened, type Outcome, type ShutdownFlag } from './outcome.ts'
import { PowerSwitch } from './power-switch.ts'
import type { Workplace } from './trial.ts'
import { WriterProcess } from './writer-process.ts'
import { drawTask, syncIntervalMs, type WriterTask } from './writer-task.ts'

/** What a loaded machine may add to the interval: the timer that comes late, the sync that takes its time. */
const latenessMs = 1500

/** From what age an acknowledged record must survive a power cut. */
const promisedMs: Readonly<Record<Durability, number>> = {
  sync: 0,
  interval: syncIntervalMs + latenessMs,
  os: Infinity,
}

/** Ways to mount that change what reaches the disk in which order. */
const mountOptions: Readonly<Record<FileSystem, readonly string[]>> = {
  ext4: ['', '', 'data=writeback', 'nodelalloc', 'noauto_da_alloc', 'data=journal', 'commit=1'],
  xfs: [''],
}

/** Seldom the harmless end, mostly the hard one. */
const flags: readonly ShutdownFlag[] = [0, 1, 1, 2, 2, 2]

/**
 * Writers on a disk of their own whose power is cut, once or several times, at some moment: while the log recovers from
 * the last cut, or later. Then the disk is mounted again and the log examined.
 */
export async function cutPower(
  trial: { readonly fileSystem: FileSystem; readonly durability: Durability; readonly seed: number },
  workplace: Workplace,
): Promise<Outcome> {
  const { fileSystem, seed } = trial
  const random = seededRandom(seed)
  const disk = await LoopDisk.create(fileSystem, workplace.directory, random.pick(mountOptions[fileSystem]))
  try {
    const outcome = await cutRepeatedly(disk, random, trial, workplace)
    await disk.unmount()
    return outcome
  } finally {
    disk.discard()
  }
}

async function cutRepeatedly(
  disk: LoopDisk,
  random: SeededRandom,
  { durability, seed }: { readonly durability: Durability; readonly seed: number },
  { writerPath, mutant }: Workplace,
): Promise<Outcome> {
  const directory = join(disk.path, 'log')
  const history = new History(promisedMs[durability])
  const cuts = { ...nothingHappened.cuts }
  const findings: Finding[] = []
  const lives = random.pick([1, 1, 1, 2, 3])
  let exposed = false
  for (let life = 0; life < lives && findings.length === 0; life++) {
    const task = drawTask(random, { directory, seed, life, mutant, durability })
    const flag = random.pick(flags)
    history.begin(life)
    findings.push(...(await liveUntilCut({ disk, writerPath, task, history, random, flag })))
    cuts[flag]++
    exposed ||= flag === 2 && history.atRiskCount > 0
    if (life === lives - 1) findings.push(...(await examine(directory, seed, task.log, history)))
  }
  const { acknowledgedCount: acknowledged, shed } = history
  const shedAgeMs = Math.max(0, ...shed.map(({ ageMs }) => ageMs))
  return { ...nothingHappened, findings, cuts, acknowledged, exposed, shed: shed.length, shedAgeMs }
}

interface Life {
  readonly disk: LoopDisk
  readonly writerPath: string
  readonly task: WriterTask
  readonly history: History
  readonly random: SeededRandom
  readonly flag: ShutdownFlag
}

/** Afterwards the disk is mounted again. */
async function liveUntilCut({ disk, writerPath, task, history, random, flag }: Life): Promise<Finding[]> {
  const powerSwitch = await PowerSwitch.at(disk.path)
  const writer = WriterProcess.start(writerPath, task, (event) => history.take(event, performance.now()))
  let failure: string | undefined
  try {
    const isEarly = random.int(5) === 0
    await writer.saw(isEarly ? 'opening' : 'opened')
    await sleep(random.int(isEarly ? 25 : lifeMsMax(task)))
    await powerSwitch.writeSomeBack(isEarly ? disk.path : task.directory, random)
    // What was read by now is what counts: later acknowledgements race with the cut.
    history.end(performance.now())
    failure = writer.failure
    await powerSwitch.cut(flag)
  } finally {
    await writer.kill()
    await powerSwitch.release()
  }
  await disk.unmount()
  await disk.mount()
  return failure === undefined ? [] : [{ kind: 'refused', detail: `the writer failed: ${failure}` }]
}

/** Under `'interval'` long enough that some records are older than the interval. */
function lifeMsMax({ log }: WriterTask): number {
  return log.durability === 'interval' ? 3 * promisedMs.interval : 200
}
