import type { Fault } from '../../src/testing/faulty-files.ts'
import type { FileCallKind } from '../../src/testing/interposed-files.ts'
import type { CaseRig } from './case-rig.ts'
import { type BenchEnd, benchEnds, FaultBench, type FaultPoint, type FileLayer } from './fault-bench.ts'
import { type Scenario, scenarios, small } from './fault-scenarios.ts'

const name = 'faults'

/** What happens to one call, and to those of its kind that follow. */
type Mishap = Omit<FaultPoint, 'nth'>

const once = (kind: FileCallKind, ...faults: readonly Fault[]): Mishap => ({ kind, faults, lasts: false })
const forGood = (kind: FileCallKind, ...faults: readonly Fault[]): Mishap => ({ kind, faults, lasts: true })

/** What may go wrong with each kind of call: one fault, or several in a row. */
const mishaps: readonly Mishap[] = [
  ...(['EIO', 'ENOSPC', 'EDQUOT', 'EMFILE', 'EINTR', 'EROFS'] as const).map((code) => once('open', code)),
  once('close', 'EIO'),
  once('size', 'EIO'),
  once('read', 'EIO'),
  once('read', 'EINTR'),
  ...(['EIO', 'ENOSPC', 'EDQUOT', 'EINTR', 'EROFS'] as const).map((code) => once('write', code)),
  // A write is short where the disk fills up, or breaks, in the middle of it.
  once('write', { shortBytes: 3 }),
  once('write', { shortBytes: 200 }, 'ENOSPC'),
  once('write', { shortBytes: 200 }, 'EDQUOT'),
  once('write', { shortBytes: 3 }, 'EIO'),
  once('truncate', 'EIO'),
  once('truncate', 'EROFS'),
  ...(['EIO', 'ENOSPC', 'EDQUOT', 'EINTR'] as const).map((code) => once('sync', code)),
  once('list', 'EIO'),
  once('list', 'EMFILE'),
  once('stat', 'EIO'),
  ...(['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'] as const).map((code) => once('rename', code)),
  once('remove', 'EIO'),
  once('remove', 'EROFS'),
  once('makeDirectory', 'EIO'),
  once('makeDirectory', 'ENOSPC'),
  once('makeDirectory', 'EROFS'),
  once('freeBytes', 'EIO'),
  once('syncDirectory', 'EIO'),
  once('syncDirectory', 'EMFILE'),
  once('lock', 'EIO'),
  once('lock', 'EMFILE'),
  once('lock', 'EROFS'),
  once('unlock', 'EIO'),
  // A disk that stays full, or was mounted anew for reading only, a process that stays short of descriptors.
  forGood('open', 'EMFILE'),
  forGood('write', 'EIO'),
  forGood('write', 'ENOSPC'),
  forGood('write', 'EDQUOT'),
  forGood('write', 'EROFS'),
  forGood('write', { shortBytes: 200 }, 'ENOSPC'),
  forGood('sync', 'EIO'),
]

/** What a point is called whose scenario ended before it. */
const untouched = 'untouched'

/** Where what the end of the process leaves depends most on what failed, each end is tried; else one after the other. */
const wellTriedKinds: readonly FileCallKind[] = ['write', 'truncate', 'sync', 'rename', 'syncDirectory']

/** One scenario with its mishap, and how the process ends afterwards. */
interface FaultCase {
  readonly scenario: Scenario
  readonly point: FaultPoint
  readonly end: BenchEnd
}

/** Which faults are made, and against what. */
export interface FaultPointsOptions {
  /** Default: all. */
  readonly among?: readonly Scenario[]
  /** A deliberate bug between the log and the disk. */
  readonly layer?: FileLayer
}

/** Lets each call of each scenario fail in turn, in each way, until the scenario ends untouched. */
export function faultPointsOf({ among = scenarios, layer }: FaultPointsOptions): CaseRig {
  return {
    name,
    cases: (seed) => everyPoint(among, seed),
    async tryCase(line) {
      const { scenario, point, end } = parseFaultCase(line)
      const bench = new FaultBench({ ...small, ...scenario.options }, point, layer)
      return (await failAt(scenario, bench, end)) ? `${point.kind} failed` : untouched
    },
  }
}

export const faultPoints = faultPointsOf({})

async function* everyPoint(among: readonly Scenario[], seed: number): AsyncGenerator<string, void, string> {
  const runs = among.flatMap((scenario) => mishaps.map((mishap) => ({ scenario, mishap })))
  const first = seed % runs.length
  for (const { scenario, mishap } of [...runs.slice(first), ...runs.slice(0, first)])
    for (let nth = 1, strikes = true; strikes; nth++)
      for (const end of endsFor(scenario, mishap, nth))
        strikes = (yield formatFaultCase({ scenario, point: { ...mishap, nth }, end })) !== untouched
}

function endsFor({ options }: Scenario, { kind }: Mishap, nth: number): readonly BenchEnd[] {
  // Under another durability a power cut may take anything.
  const ends = benchEnds.filter((end) => end !== 'power cut' || options?.durability === undefined)
  return wellTriedKinds.includes(kind) ? ends : ends.filter((_, index) => index === nth % ends.length)
}

/** Runs a scenario with its mishap; false when it has ended before it came to that. */
async function failAt(scenario: Scenario, bench: FaultBench, end: BenchEnd): Promise<boolean> {
  await scenario.prepare?.(bench)
  bench.arm()
  await scenario.run(bench)
  if (!bench.hasStruck) return false
  await bench.heal()
  await bench.restart(end)
  return true
}

/** As one line: `faults rolling; write short:200,ENOSPC from 3 on; power cut`. */
function formatFaultCase({ scenario, point, end }: FaultCase): string {
  const { kind, faults, nth, lasts } = point
  const what = faults.map((fault) => (typeof fault === 'string' ? fault : `short:${fault.shortBytes}`))
  return `${name} ${scenario.name}; ${kind} ${what.join()} ${lasts ? `from ${nth} on` : `at ${nth}`}; ${end}`
}

/** Throws RangeError for a line that is no such case. */
function parseFaultCase(line: string): FaultCase {
  const [, scenarioName, kind, what = '', at, from, end] =
    /^faults (.+); (\w+) (\S+) (?:at (\d+)|from (\d+) on); (.+)$/.exec(line) ?? []
  const scenario = scenarios.find((each) => each.name === scenarioName)
  const benchEnd = benchEnds.find((each) => each === end)
  if (scenario === undefined || benchEnd === undefined) throw new RangeError(`not a fault: "${line}"`)
  const faults = what.split(',').map(parseFault)
  const point = { kind: kind as FileCallKind, faults, nth: Number(at ?? from), lasts: at === undefined }
  return { scenario, point, end: benchEnd }
}

function parseFault(text: string): Fault {
  return text.startsWith('short:')
    ? { shortBytes: Number(text.slice('short:'.length)) }
    : (text as Exclude<Fault, object>)
}
