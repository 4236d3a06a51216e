import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithKafka } from './kafka/run-kafka.ts'
import type { Exchange } from './differential/dialogue.ts'
import type { Difference } from './differential/difference.ts'
import { type KnownDifference, knownAs, knownDifferences } from './differential/known-differences.ts'
import { moves, randomScenario } from './differential/random-scenario.ts'
import { type Respondents, startRespondents } from './differential/respondents.ts'
import { playTwice, type Scenario } from './differential/scenario.ts'
import { catalogue } from './differential/scenarios/catalogue.ts'

const { TIDEMARK_SEED: seed = '4', TIDEMARK_WALKS: walks = '10' } = process.env

/**
 * The same requests go to Apache Kafka and to us, and the answers are held side by side: what is not the same is in the
 * table of known differences, with the reason. `TIDEMARK_SEED` makes other random ones, `TIDEMARK_WALKS` says how many.
 */
describeWithKafka('our answers and those of Apache Kafka', () => {
  let respondents: Respondents
  const asked: Exchange[] = []
  const shown = new Set<KnownDifference>()

  beforeAll(async () => {
    respondents = await startRespondents()
  })
  afterAll(async () => {
    await respondents?.[Symbol.asyncDispose]()
    console.log(summary(asked))
  })

  /** What differs and is not known. */
  async function unknownDifferences(scenario: Scenario): Promise<Difference[]> {
    const { exchanges, differences } = await playTwice(scenario, respondents.kafkaPort, respondents.ourPort)
    asked.push(...exchanges)
    return differences.filter((difference) => {
      const known = knownAs(difference)
      if (known !== undefined) shown.add(known)
      return known === undefined
    })
  }

  test.each(catalogue)('$name', async (scenario) => {
    expect(await unknownDifferences(scenario)).toEqual([])
  })

  test('every known difference is still there', () => {
    expect(knownDifferences.filter((known) => !shown.has(known))).toEqual([])
  })

  test('whatever is asked at random', async () => {
    let count = 0
    await fc.assert(
      fc.asyncProperty(moves, async (taken) => {
        expect(await unknownDifferences(randomScenario(`walk ${count++}`, taken))).toEqual([])
      }),
      { numRuns: Number(walks), seed: Number(seed) },
    )
  })
})

/** How many requests of each API, and in which versions. */
function summary(asked: readonly Exchange[]): string {
  const byApi = new Map<string, number[]>(asked.map(({ api }) => [api, []]))
  for (const { api, version } of asked) byApi.get(api)?.push(version)
  const lines = [...byApi].map(
    ([api, versions]) => `${api} ${Math.min(...versions)}-${Math.max(...versions)}: ${versions.length}`,
  )
  return `${asked.length} requests compared: ${lines.sort().join(', ')}`
}
