import { expect, test } from 'vitest'
import { keepUnsynced, ManualClock, memoryEnv } from '../../../src/testing/public.ts'
import { writeText } from '../env/files-contract.ts'

test('a world in memory has the real clock and true randomness unless told otherwise', () => {
  const env = memoryEnv()
  expect(Math.abs(env.clock.nowMs() - Date.now())).toBeLessThan(60_000)
  expect(env.random.bytes(16)).not.toEqual(memoryEnv().random.bytes(16))
  writeText(env.files, '/file', 'abc')
  expect(env.files.listSync('/')).toEqual(['file'])
})

test('it can have another clock, repeatable randomness and a small disk', () => {
  const clock = new ManualClock(5000)
  const env = memoryEnv({ clock, seed: 1, capacityBytes: 2 })
  expect(env.clock).toBe(clock)
  expect(env.random.bytes(16)).toEqual(memoryEnv({ seed: 1 }).random.bytes(16))
  writeText(env.files, '/file', 'abc')
  expect(env.files.statSync('/file')).toEqual({ kind: 'file', sizeBytes: 2, modifiedMs: 5000 })
  clock.advance(10)
  writeText(env.files, '/file', 'x')
  expect(env.files.statSync('/file')?.modifiedMs).toBe(5010)
})

test('the power can fail and the process die; the world goes on with the same clock', () => {
  const env = memoryEnv({ clock: new ManualClock(), seed: 1, capacityBytes: 1000 })
  writeText(env.files, '/file', 'abc')
  const killed = env.kill()
  expect(killed.files.listSync('/')).toEqual(['file'])
  const lucky = killed.crash(keepUnsynced)
  expect(lucky.files.listSync('/')).toEqual(['file'])
  writeText(lucky.files, '/other', 'abc')
  const rebooted = lucky.crash()
  expect(rebooted.files.listSync('/')).toEqual(['file'])
  expect([rebooted.clock, rebooted.random]).toEqual([env.clock, env.random])
  expect(rebooted.files.freeBytesSync('/')).toBe(997)
})
