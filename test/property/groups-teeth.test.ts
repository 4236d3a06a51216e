import { afterEach, expect, test, vi } from 'vitest'
import type * as groupChecks from '../../src/broker/groups/group-checks.ts'
import { GroupCoordinator } from '../../src/broker/groups/group-coordinator.ts'
import { GroupCycle } from '../../src/broker/groups/group-cycle.ts'
import { GroupMember } from '../../src/broker/groups/group-member.ts'
import { errorCodes } from '../../src/wire/error-codes.ts'
import { MemoryCoordinatorLog } from '../unit/broker/groups/memory-coordinator-log.ts'
import { groupPlanOf } from './groups-operation.ts'
import { liveThrough } from './groups-simulation.ts'

/** Coordinators with a bug each. The lives of groups that find none prove something only if they find these. */

const removed = vi.hoisted(() => new Set<'generation' | 'committer'>())

vi.mock('../../src/broker/groups/group-checks.ts', async (importOriginal) => {
  const checks = await importOriginal<typeof groupChecks>()
  const checkCommit: typeof groupChecks.checkCommit = (cycle, committer) => {
    if (removed.has('committer')) return errorCodes.NONE
    const generationId = removed.has('generation') ? cycle.generation : committer.generationId
    return checks.checkCommit(cycle, { ...committer, generationId })
  }
  return { ...checks, checkCommit }
})

afterEach(() => {
  removed.clear()
  vi.restoreAllMocks()
})

interface Bug {
  readonly name: string
  readonly make: () => unknown
  /** What it brings about. */
  readonly fault: RegExp
}

const bugs: readonly Bug[] = [
  {
    name: 'OffsetCommit does not ask for the generation',
    make: () => removed.add('generation'),
    fault: /offset \d+ was committed after/,
  },
  {
    name: 'OffsetCommit does not ask who commits',
    make: () => removed.add('committer'),
    fault: /offset \d+ was committed after/,
  },
  {
    name: 'what is not stored yet is acknowledged',
    make: acknowledgeEarly,
    fault: /given to two members|was committed after|was accepted, and/,
  },
  {
    name: "members are told the assignment of the group's first",
    make: tellFirstAssignment,
    fault: /given to two members/,
  },
  {
    name: 'sessions never end',
    make: () => vi.spyOn(GroupMember.prototype, 'isExcusedFromHeartbeats', 'get').mockReturnValue(true),
    fault: /the partitions that members own/,
  },
  {
    name: 'the offset after the committed one is told',
    make: tellNextOffset,
    fault: /offset \d+ comes, and \d+ never came/,
  },
]

function acknowledgeEarly(): void {
  const append = methodOf(MemoryCoordinatorLog.prototype, 'append')
  vi.spyOn(MemoryCoordinatorLog.prototype, 'append').mockImplementation(async function (
    this: MemoryCoordinatorLog,
    ...given
  ) {
    append.apply(this, given).catch(() => undefined)
  })
}

function tellFirstAssignment(): void {
  const tellAssignment = methodOf(GroupCycle.prototype, 'tellAssignment')
  vi.spyOn(GroupCycle.prototype, 'tellAssignment').mockImplementation(function (
    this: GroupCycle,
    member,
    requestId,
  ) {
    tellAssignment.call(this, this.members.all()[0] ?? member, requestId)
  })
}

function tellNextOffset(): void {
  const offsetFetch = methodOf(GroupCoordinator.prototype, 'offsetFetch')
  vi.spyOn(GroupCoordinator.prototype, 'offsetFetch').mockImplementation(async function (
    this: GroupCoordinator,
    ...given
  ) {
    const { groups, ...response } = await offsetFetch.apply(this, given)
    return { ...response, groups: groups.map((group) => ({ ...group, topics: moved(group.topics) })) }
  })
}

function methodOf<T extends object, K extends keyof T>(prototype: T, name: K): T[K] {
  return prototype[name]
}

type FetchedTopics = Awaited<ReturnType<GroupCoordinator['offsetFetch']>>['groups'][number]['topics']

function moved(topics: FetchedTopics): FetchedTopics {
  return topics.map(({ partitions, ...topic }) => ({
    ...topic,
    partitions: partitions.map((one) => ({ ...one, committedOffset: one.committedOffset + 1 })),
  }))
}

const livesMax = 300

/** What is wrong in the first life in which anything is; undefined if nothing ever is. */
async function findFault(livesCount = livesMax): Promise<string | undefined> {
  for (let seed = 1; seed <= livesCount; seed++)
    try {
      await liveThrough(groupPlanOf(seed))
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  return undefined
}

test.each(bugs)('a coordinator is found out: $name', async ({ make, fault }) => {
  make()
  expect(await findFault()).toMatch(fault)
})

test('a coordinator without a bug is not', async () => {
  expect(await findFault(30)).toBeUndefined()
})
