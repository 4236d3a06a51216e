import { describe, expect, test } from 'vitest'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import {
  batchOf,
  bytesOf,
  directory,
  namesIn,
  offsetsIn,
  open,
  putFile,
  range,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

const name = (baseOffset: number, suffix: string) => `${String(baseOffset).padStart(20, '0')}${suffix}`

/** Nine records in three segments, closed cleanly. */
async function stopped(): Promise<MemoryEnv> {
  const { env } = stillWorld()
  const log = await open({ env, segmentBytes: 1024 })
  for (const value of valuesOf(9, 270)) await log.append({ value })
  await log.close()
  return env
}

const move = (env: MemoryEnv, from: string, to: string) =>
  env.files.renameSync(`${directory}/${from}`, `${directory}/${to}`)

/** One segment with the records 0 to 5, as a cleaner would leave it in place of the first two. */
function putReplacement(env: MemoryEnv, state: '.cleaned' | '.swap'): void {
  const batches = range(0, 6).map((baseOffset) =>
    batchOf([{ value: `merged ${baseOffset}` }], { baseOffset, partitionLeaderEpoch: 0 }),
  )
  putFile(env, name(0, `.log${state}`), Buffer.concat(batches))
  for (const kind of ['.index', '.timeindex']) putFile(env, name(0, kind + state), Buffer.alloc(0))
}

const merged = [...range(0, 6).map((offset) => `merged ${offset}`), ...valuesOf(9, 270).slice(6)]

describe('a replacement of segments that a crash interrupted', () => {
  test('is dropped when its output was not finished', async () => {
    const env = await stopped()
    putReplacement(env, '.cleaned')
    const log = await open({ env })
    expect(await valuesIn(log)).toEqual(valuesOf(9, 270))
    expect([...log.recovery.removed].sort()).toEqual(
      ['.index.cleaned', '.log.cleaned', '.timeindex.cleaned'].map((suffix) => name(0, suffix)),
    )
    expect(namesIn(env).filter((each) => each.endsWith('.cleaned'))).toEqual([])
  })

  test('is carried through when its output was finished', async () => {
    const env = await stopped()
    putReplacement(env, '.swap')
    const log = await open({ env })
    expect(await valuesIn(log)).toEqual(merged)
    expect(namesIn(env).filter((each) => each.endsWith('.log'))).toEqual([name(0, '.log'), name(6, '.log')])
    expect(namesIn(env).filter((each) => each.endsWith('.swap'))).toEqual([])
    await log.close()
    expect(await valuesIn(await open({ env }))).toEqual(merged)
  })

  test('is carried through when the old segments were on their way out', async () => {
    const env = await stopped()
    putReplacement(env, '.swap')
    for (const base of [0, 3])
      for (const kind of ['.log', '.index', '.timeindex'])
        move(env, name(base, kind), name(base, `${kind}.deleted`))
    const log = await open({ env })
    expect(await valuesIn(log)).toEqual(merged)
    expect(namesIn(env).filter((each) => each.endsWith('.deleted'))).toEqual([])
  })

  test('is carried through when some of its files have their final names', async () => {
    const env = await stopped()
    putReplacement(env, '.swap')
    for (const base of [0, 3])
      for (const kind of ['.log', '.index', '.timeindex'])
        env.files.removeSync(`${directory}/${name(base, kind)}`)
    move(env, name(0, '.log.swap'), name(0, '.log'))
    const log = await open({ env })
    expect(await valuesIn(log)).toEqual(merged)
  })

  test('is dropped when a part of its output was not finished', async () => {
    const env = await stopped()
    // Renamed in descending order: the lowest is the last to be complete.
    putReplacement(env, '.cleaned')
    putFile(env, name(3, '.log.swap'), bytesOf(env, name(3, '.log')))
    const log = await open({ env })
    expect(await valuesIn(log)).toEqual(valuesOf(9, 270))
    expect(namesIn(env).filter((each) => /\.(swap|cleaned)$/.test(each))).toEqual([])
  })
})

test('side files that were being replaced leave nothing behind', async () => {
  const env = await stopped()
  const temporaries = ['leader-epoch-checkpoint.tmp', 'partition.metadata.tmp', 'tidemark-clean-shutdown.tmp']
  for (const temporary of [...temporaries, name(3, '.index.tmp')]) putFile(env, temporary, 'half')
  const log = await open({ env })
  expect(log.recovery.removed).toHaveLength(4)
  expect(namesIn(env).filter((each) => each.endsWith('.tmp'))).toEqual([])
  expect(await offsetsIn(log)).toEqual(range(0, 9))
})

test('an unclean stop has only what lies beyond the durable point scanned', async () => {
  const { env } = stillWorld()
  const log = await open({ env, segmentBytes: 1024 })
  for (const value of valuesOf(30, 270)) await log.append({ value })
  expect((await log.stats()).segments).toBe(10)
  const { recovery } = await open({ env: env.kill(), segmentBytes: 1024 })
  expect(recovery).toMatchObject({ cleanStop: false, segments: 10, endOffset: 30, startOffset: 0 })
  expect(recovery.scannedSegments).toBeLessThanOrEqual(2)
  expect(recovery.scannedBatches).toBeLessThanOrEqual(6)
  expect(recovery.distrusted).toBeUndefined()
})

test('a clean stop has nothing scanned', async () => {
  const env = await stopped()
  const { recovery } = await open({ env })
  expect(recovery).toMatchObject({
    cleanStop: true,
    distrusted: undefined,
    segments: 3,
    scannedSegments: 0,
    scannedBytes: 0,
    scannedBatches: 0,
    cut: undefined,
    lost: undefined,
    quarantined: [],
    rebuilt: [],
    removed: [],
  })
})

test('a long scan tells how far it has got', async () => {
  const { env } = stillWorld()
  const log = await open({ env, durability: 'os' })
  for (const value of valuesOf(8, 900_000)) await log.append({ value })
  const told: number[] = []
  await open({
    env: env.kill(),
    onProgress({ file, scannedBytes, totalBytes }) {
      expect(file).toBe(`${directory}/${name(0, '.log')}`)
      expect(totalBytes).toBeGreaterThan(7_000_000)
      expect(scannedBytes).toBeLessThanOrEqual(totalBytes)
      told.push(scannedBytes)
    },
  })
  expect(told.length).toBeGreaterThan(2)
  expect(told).toEqual(told.toSorted((one, other) => one - other))
})

test('what was cut although something good stood behind it is kept aside', async () => {
  const { env } = stillWorld()
  const log = await open({ env, durability: 'os' })
  await log.append({ value: 'a' })
  await log.flush()
  for (const value of ['b', 'c', 'd']) await log.append({ value })
  const after = env.kill()
  const position = bytesOf(after, name(0, '.log')).length / 4
  const whole = bytesOf(after, name(0, '.log'))
  whole[position + 65] = (whole[position + 65] ?? 0) ^ 1
  putFile(after, name(0, '.log'), whole)
  const again = await open({ env: after })
  expect(await valuesIn(again)).toEqual(['a'])
  expect(again.recovery.cut).toMatchObject({ position, bytes: 3 * position })
  expect(again.recovery.quarantined).toEqual([`${directory}/quarantine/${name(0, '.log')}.from-${position}`])
  expect(bytesOf(after, `quarantine/${name(0, '.log')}.from-${position}`)).toEqual(whole.subarray(position))
})
