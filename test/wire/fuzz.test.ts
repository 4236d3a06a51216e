import { expect, test } from 'vitest'
import { Fuzzer } from './fuzzer.ts'

const frameCount = 20_000
const seed = Number(process.env['TIDEMARK_SEED'] ?? '1')

test(`no damaged frame confuses the codec, seed ${seed}`, () => {
  const fuzzer = new Fuzzer(seed)
  const findings = Array.from({ length: frameCount }, () => fuzzer.next()).filter(
    (each) => each !== undefined,
  )
  expect(findings).toEqual([])
  // Mutants that are all refused, or all good, would say little.
  expect(fuzzer.tally.decodedCount).toBeGreaterThan(frameCount / 20)
  expect(fuzzer.tally.refusedCount).toBeGreaterThan(frameCount / 20)
})
