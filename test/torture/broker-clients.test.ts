import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { type ClientsTask, troubleClients } from './broker-clients.ts'

const seed = Number(process.env['TIDEMARK_SEED'] ?? 1)
const timeout = 900_000

describe('our producer, and a group of our consumers', () => {
  test.each([
    ['through kills of the broker', { recordCount: 300_000, killCount: 5, cutOneIn: 0, delayMsMax: 0 }],
    ['through cuts and stalls', { recordCount: 40_000, killCount: 0, cutOneIn: 10, delayMsMax: 0 }],
    [
      'through cuts, stalls, kills and a slow link',
      { recordCount: 15_000, killCount: 3, cutOneIn: 6, delayMsMax: 20 },
    ],
  ] satisfies [string, Omit<ClientsTask, 'directory' | 'seed'>][])('%s', { timeout }, async (_, trouble) => {
    const outcome = await troubleClients({ ...trouble, seed, directory: join(temporaryDirectory(), 'data') })
    console.info(`seed ${seed}: ${JSON.stringify({ ...trouble, ...outcome })}`)
    expect(outcome.written).toEqual({ lostCount: 0, doubledCount: 0, disorderCount: 0, misplacedCount: 0 })
    expect(outcome.consumed.lostCount).toBe(0)
    expect(outcome.jumps).toEqual([])
    expect(outcome.killCount).toBe(trouble.killCount)
    if (trouble.cutOneIn > 0) expect(outcome.cutCount).toBeGreaterThan(20)
  })

  test('the control: without idempotence records are doubled', { timeout }, async () => {
    const trouble = { recordCount: 4_000, killCount: 0, cutOneIn: 4, delayMsMax: 0, isIdempotent: false }
    const { written } = await troubleClients({
      ...trouble,
      seed,
      directory: join(temporaryDirectory(), 'data'),
    })
    expect(written.lostCount).toBe(0)
    expect(written.doubledCount).toBeGreaterThan(0)
  })
})
