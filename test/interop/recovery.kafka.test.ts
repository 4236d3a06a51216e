import { expect, test } from 'vitest'
import { KafkaLoader } from './kafka/kafka-loader.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'
import { baseDirectories } from './recovery/base-directory.ts'
import { Differential, type Trial } from './recovery/differential.ts'
import { nameOf, readListedDifferences } from './recovery/listed-differences.ts'
import { memoryDirectory } from './recovery/memory-directory.ts'

/** Trials of a seed are numbered from a million times the seed on, so that one of them can be run again by itself. */
const seed = Number(process.env['TIDEMARK_SEED'] ?? 1)
const count = Number(process.env['TIDEMARK_TRIALS'] ?? 250)

/**
 * Differential fuzzing: the same damaged directory is given to Kafka's loader and to ours. `TIDEMARK_SEED` and
 * `TIDEMARK_TRIALS` run others.
 */
describeWithKafka('directories that were damaged at random', () => {
  test(`ours differs from Kafka only where the list says so (${count} trials, TIDEMARK_SEED=${seed})`, async () => {
    const trials = await runTrials(Array.from({ length: count }, (_, index) => seed * 1_000_000 + index))
    const listed = readListedDifferences()
    const isListed = (name: string | undefined) => name === undefined || listed.has(name)
    expect(trials.filter(({ verdict }) => !isListed(nameOf(verdict))).map(textOf)).toEqual([])
    expect(trials.filter(({ verdict }) => verdict === 'same').length).toBeGreaterThan(count / 4)
  })

  test('every difference that is listed occurs', async () => {
    const names = (await runTrials(examples)).map(({ verdict }) => nameOf(verdict) ?? 'same')
    expect(names.toSorted()).toEqual([...readListedDifferences()].toSorted())
  })
})

/** Numbers of trials, one for each difference. */
const examples = [
  1000001, 1000002, 1000003, 1000008, 1000010, 1000011, 1000015, 1000019, 1000029, 1000038, 1000076, 1000081,
  1000085, 1000112, 1000179, 1000249, 1000284, 1000291, 1000371, 1000484, 1000505, 1000509, 1000195, 1000514,
  1000842, 1000924, 2000318, 2000510, 2000704, 2001265, 3000728,
]

interface NumberedTrial extends Trial {
  readonly number: number
}

async function runTrials(numbers: readonly number[]): Promise<NumberedTrial[]> {
  const work = memoryDirectory()
  await using loader = new KafkaLoader()
  const differential = new Differential(loader, work, await baseDirectories(work))
  const trials: NumberedTrial[] = []
  for (const number of numbers) trials.push({ number, ...(await differential.run(number)) })
  return trials
}

function textOf({ number, description, verdict }: NumberedTrial): string {
  return `trial ${number}: ${nameOf(verdict)}: ${description}`
}
