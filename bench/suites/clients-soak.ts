import { growthOf } from '../clients/soak.ts'
import { type ClientKind, WorkerProcess } from '../clients/worker-process.ts'
import type { Contestant, Sample } from '../rounds.ts'
import { rate } from '../stopwatch.ts'
import type { Claim, PreparedSuite, Suite } from '../suite.ts'
import { serveForClients } from './clients.ts'

const soakCount = 10_000_000

/** A heap that takes some more pages midway shows as 1 to 3; what keeps as little as a number for each record, as 8. */
const mostGrowth = 4

const claims: readonly Claim[] = ['embedded: growth', 'TCP: growth', 'TCP: growth of the broker'].map(
  (figure) => ({
    figure,
    sense: 'at most',
    bound: mostGrowth,
  }),
)

/** Whether memory stays what it is. */
export const clientsSoakSuite: Suite = {
  name: 'clients-soak',
  about:
    '10 million records of 100 B, sent and read at the same time by one process, once; embedded, and over TCP. Growth is the slope ' +
    'of the resident memory, of 50 samples without the first fifth: MB per million records.',
  async prepare(context): Promise<PreparedSuite> {
    const broker = await serveForClients(context)
    const recordCount = Math.ceil(soakCount * context.scale)
    return {
      isLong: true,
      end: async () => await broker[Symbol.asyncDispose](),
      contestants: [
        soaking('embedded', 'embedded', context.workspace.fresh(), recordCount, []),
        soaking('TCP', 'tidemark', broker.address, recordCount, [broker.pid]),
      ],
      claims: context.scale === 1 ? claims : [],
    }
  },
}

function soaking(
  name: string,
  kind: ClientKind,
  place: string,
  recordCount: number,
  brokerPids: readonly number[],
): Contestant {
  return {
    name,
    async measure(): Promise<Sample[]> {
      const worker = await WorkerProcess.start(kind, place)
      const pids = [worker.pid, ...brokerPids]
      const job = { doing: 'soak', topic: 'soak', recordCount, way: 'batches()', pids } as const
      const { seconds, delayP99Ms, memory } = await worker.run(job)
      await worker.end()
      return [
        rate(`${name}: produce and consume`, 'records/s', recordCount, seconds),
        { figure: `${name}: event-loop delay p99`, unit: 'ms', value: delayP99Ms },
        ...pids.flatMap((_, at): Sample[] => {
          const whose = at === 0 ? '' : ' of the broker'
          const resident = memory.at(-1)?.residentBytes[at] ?? Number.NaN
          return [
            { figure: `${name}: resident memory${whose} at the end`, unit: 'MB', value: resident / 1e6 },
            { figure: `${name}: growth${whose}`, unit: 'MB/million', value: growthOf(memory, at) },
          ]
        }),
      ]
    },
  }
}
