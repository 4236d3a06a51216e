import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Log, openLog } from '../../log/log.ts'
import type { RecoveryReport } from '../../log/recovery-report.ts'
import type { Session } from '../session.ts'
import { endOfAcknowledgement } from './crash-writer.ts'
import type { EarthquakeRecord } from './earthquakes.ts'
import { numberOf } from './numbered-record.ts'

/** The child is killed so long after its first acknowledgement. */
const leastLifeMs = 1000
const furtherLifeMs = 1000

/** What became of the records of a writer that was killed. */
export interface CrashProof {
  readonly livedMs: number
  readonly acknowledged: number
  /** Records of the writer that are in the log, acknowledged or not. */
  readonly recovered: number
  /** Acknowledged, and not in the log at their offset with their content. */
  readonly lost: number
  /** In the log, and not what was appended. */
  readonly wrong: number
  readonly recovery: RecoveryReport
}

/** Lets a child process append to the log in `directory`, kills it (SIGKILL), and sees what is there afterwards. */
export async function proveCrashSafety(
  session: Session,
  directory: string,
  earthquakes: readonly EarthquakeRecord[],
): Promise<CrashProof> {
  const { acknowledged, livedMs } = await runAndKill(session, directory)
  await using log = await openLog(directory, { signal: session.signal })
  const found = await readNumbers(session, log, earthquakes)
  let lost = 0
  for (const [offset, number] of acknowledged) if (found.numbers.get(offset) !== number) lost++
  const { recovery } = log
  return {
    livedMs,
    lost,
    wrong: found.wrong,
    recovery,
    acknowledged: acknowledged.size,
    recovered: found.numbers.size,
  }
}

/** Returns what the child said it was acknowledged: numbers of records by offset. */
async function runAndKill(session: Session, directory: string) {
  const args = [process.argv[1] ?? '', 'quickstart', '--append-until-killed', directory]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => void child.kill('SIGKILL')
  session.signal.addEventListener('abort', kill)
  try {
    const [result] = await Promise.all([listenAndKill(session, child.stdout, kill), once(child, 'close')])
    session.signal.throwIfAborted()
    return result
  } finally {
    session.signal.removeEventListener('abort', kill)
  }
}

/** Collects acknowledgements until the child, killed at a random moment after the first of them, says no more. */
async function listenAndKill(session: Session, stdout: Readable, kill: () => void) {
  const { clock, random } = session.env
  const acknowledged = new Map<number, number>()
  let startedMs = 0
  for await (const line of createInterface({ input: stdout })) {
    const [offset, number] = line.split(' ').map(Number)
    // The last line may be half of one, which is no acknowledgement.
    if (offset === undefined || number === undefined || !line.endsWith(endOfAcknowledgement)) continue
    acknowledged.set(offset, number)
    if (startedMs > 0) continue
    startedMs = clock.monotonicMs()
    const lifeMs = leastLifeMs + (random.bytes(2).readUInt16BE() / 0x10000) * furtherLifeMs
    void clock.sleep(lifeMs).then(kill)
  }
  return { acknowledged, livedMs: clock.monotonicMs() - startedMs }
}

/** The numbers of the records in `log`, by offset. */
async function readNumbers(session: Session, log: Log, earthquakes: readonly EarthquakeRecord[]) {
  const numbers = new Map<number, number>()
  let wrong = 0
  for await (const record of log.read({ signal: session.signal })) {
    const number = numberOf(record, earthquakes)
    if (number === undefined) wrong++
    else numbers.set(record.offset, number)
  }
  return { numbers, wrong }
}
