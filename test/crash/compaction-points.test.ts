import { describe, expect, test } from 'vitest'
import { PoisonedError, TidemarkError } from '../../src/base/errors.ts'
import { keepUnsynced, loseUnsynced, randomCrash } from '../../src/testing/crash-chooser.ts'
import { type Fault, faultyFiles } from '../../src/testing/faulty-files.ts'
import type { FileCallKind } from '../../src/testing/interposed-files.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import type { EntryOrder } from '../../src/testing/unsynced-entries.ts'
import { settled } from '../property/settled.ts'
import {
  checkAftermath,
  checkContent,
  openHere,
  sealMore,
  temporaries,
  worldToCompact,
} from './compaction-bench.ts'
import { FusedWorld, type WorldEnd } from './fused-world.ts'

const random = seededRandom(1)

/** Compacts in a world that ends before the call number `calls`; false when the pass has ended before that. */
async function endAt(calls: number, end: WorldEnd, entryOrder: EntryOrder): Promise<boolean> {
  const world = new FusedWorld(await worldToCompact(entryOrder))
  const log = await openHere(world.env)
  await sealMore(log, world.env)
  world.arm(calls, end)
  await settled(log.compact().catch(mustBeOurs))
  const wasInTime = world.isOver
  world.end(end)
  await settled(log.close().catch(mustBeOurs))
  // One cut, and what else it could have left.
  for (let outcomes = end === 'kill' ? 0 : 1; outcomes > 0; outcomes--)
    await checkAftermath(world.memory.crash(randomCrash(random)))
  world.restart()
  await checkAftermath(world.env)
  return wasInTime
}

function mustBeOurs(error: unknown): TidemarkError {
  if (!(error instanceof TidemarkError)) throw error
  return error
}

describe('wherever a pass is ended', () => {
  test.each<[string, () => WorldEnd, EntryOrder]>([
    ['the death of the process', () => 'kill', 'free'],
    ['a power cut that takes all that was not synced', () => loseUnsynced, 'free'],
    ['a power cut, whose changes reach the disk in any order', () => keepUnsynced, 'free'],
    ['a power cut, whose changes reach the disk in their order', () => keepUnsynced, 'journaled'],
  ])('by %s, the log is whole', async (_, end, entryOrder) => {
    let calls = 0
    while (await where(`before call ${calls}`, endAt(calls, end(), entryOrder))) calls++
    expect(calls).toBeGreaterThan(100)
  })
})

const kinds: readonly FileCallKind[] = [
  ...(['open', 'close', 'size', 'read', 'write', 'truncate', 'sync', 'stat'] as const),
  ...(['rename', 'remove', 'setModified', 'freeBytes', 'syncDirectory'] as const),
]

/** Compacts on a disk of which the `nth` call of a kind fails, or all from there on; false when there are not so many. */
async function failAt(kind: FileCallKind, nth: number, fault: Fault, lasts: boolean): Promise<boolean> {
  const memory = await worldToCompact()
  const files = faultyFiles(memory.files)
  const env = { ...memory, files }
  const log = await openHere(env)
  let count = 0
  files.use((call) => {
    if (call.kind !== kind || call.path.endsWith('.lock')) return undefined
    count++
    return count === nth || (lasts && count > nth) ? fault : undefined
  })
  const outcome = await settled(log.compact().catch(mustBeOurs))
  files.use([])
  // Where not even a rename can be taken back, what was renamed is found again by the next open only.
  if (!(lasts && kind === 'rename' && outcome instanceof PoisonedError)) await checkContent(log)
  if (!(outcome instanceof TidemarkError)) expect(outcome.isComplete).toBe(true)
  else if (!(outcome instanceof PoisonedError)) {
    if (!lasts) expect(kind === 'remove' || temporaries(env).length === 0).toBe(true)
    // Nothing is given up for ever.
    expect(await settled(log.compact().catch(mustBeOurs))).not.toBeInstanceOf(Error)
    await checkContent(log)
  }
  await settled(log.close().catch(mustBeOurs))
  await checkAftermath(memory)
  return count >= nth
}

describe('wherever a pass meets', () => {
  test.each(kinds)('a failure of %s, the log is as it was, and the next pass goes on', async (kind) => {
    const fault = kind === 'write' ? 'ENOSPC' : 'EIO'
    for (const lasts of [false, true])
      for (
        let nth = 1;
        await where(`${kind} ${nth}, lasts ${lasts}`, failAt(kind, nth, fault, lasts));
        nth++
      );
  })
})

/** What goes wrong, with the place. */
async function where<T>(place: string, action: Promise<T>): Promise<T> {
  try {
    return await action
  } catch (error) {
    throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
