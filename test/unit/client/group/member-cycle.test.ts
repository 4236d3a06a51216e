import { describe, expect, test } from 'vitest'
import { ConnectionError } from '../../../../src/base/errors.ts'
import { MemberCycle } from '../../../../src/client/group/member-cycle.ts'
import type { MemberEffect } from '../../../../src/client/group/member-effects.ts'
import { type ErrorName, errorCodes } from '../../../../src/wire/error-codes.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import type { JoinGroupResponse } from '../../../../src/wire/messages/11-join-group.ts'

const generation: JoinGroupResponse = {
  ...{ throttleTimeMs: 0, errorCode: 0, generationId: 1, protocolType: 'consumer', protocolName: 'range' },
  ...{ leader: 'other', skipAssignment: false, memberId: 'm', members: [] },
}
const assignment = Buffer.of(1)

/** Drives a cycle: takes its effects, and remembers the last step that was given out. */
class Driver {
  readonly cycle: MemberCycle
  effects: readonly MemberEffect[] = []
  step = 0

  constructor(isStatic = false) {
    this.cycle = new MemberCycle({ isStatic, heartbeatIntervalMs: 3000 })
  }

  /** The kinds of the effects, with what tells releases apart. */
  take(effects: readonly MemberEffect[]): string[] {
    this.effects = effects
    for (const effect of effects) if ('step' in effect) this.step = effect.step
    return effects.map((effect) => (effect.kind === 'release' ? `release ${effect.release}` : effect.kind))
  }

  start(): string[] {
    return this.take(this.cycle.start())
  }

  released(): string[] {
    return this.take(this.cycle.released(this.step))
  }

  joined(exceptions: Partial<JoinGroupResponse> = {}): string[] {
    return this.take(this.cycle.joined(this.step, { ...generation, ...exceptions }))
  }

  refused(error: ErrorName): string[] {
    return this.joined({ errorCode: errorCodes[error], memberId: '' })
  }

  synced(error: ErrorName = 'NONE'): string[] {
    const errorCode = errorCodes[error]
    const response = { throttleTimeMs: 0, errorCode, protocolType: null, protocolName: null, assignment }
    return this.take(this.cycle.synced(this.step, response))
  }

  adopted(mustRejoin = false): string[] {
    return this.take(this.cycle.adopted(this.step, mustRejoin))
  }

  heartbeat(error: ErrorName): string[] {
    return this.take(this.cycle.heartbeatAnswered(this.cycle.identity, errorCodes[error]))
  }

  failed(error: Error): string[] {
    return this.take(this.cycle.failed(this.step, error))
  }

  /** As it is in the state of that name, in a generation where there is one. */
  static in(state: 'joining' | 'syncing' | 'adopting' | 'stable', isStatic = false): Driver {
    const driver = new Driver(isStatic)
    driver.start()
    driver.released()
    if (state !== 'joining') driver.joined()
    if (state !== 'joining' && state !== 'syncing') driver.synced()
    if (state === 'stable') driver.adopted()
    expect(driver.cycle.state).toBe(state)
    return driver
  }
}

describe('from start to stable', () => {
  test('a member is given an id first, then joins with it, and fetches its assignment', () => {
    const driver = new Driver()
    expect(driver.start()).toEqual(['release lost'])
    expect(driver.released()).toEqual(['cancel-timer', 'join'])
    expect(driver.joined({ errorCode: errorCodes.MEMBER_ID_REQUIRED, memberId: 'm' })).toEqual([
      ...['cancel-timer', 'join'],
    ])
    expect(driver.cycle.identity).toEqual({ memberId: 'm', generationId: -1 })
    expect(driver.joined()).toEqual(['set-timer', 'sync'])
    expect(driver.synced()).toEqual(['adopt'])
    expect(driver.adopted()).toEqual([])
    expect(driver.cycle.state).toBe('stable')
    expect(driver.cycle.identity).toEqual({ memberId: 'm', generationId: 1 })
  })

  test('a leader assigns before it syncs', () => {
    const driver = Driver.in('joining')
    expect(driver.joined({ leader: 'm' })).toEqual(['set-timer', 'assign'])
    const assignments = [{ memberId: 'm', assignment }]
    expect(driver.take(driver.cycle.assigned(driver.step, assignments))).toEqual(['sync'])
    expect(driver.effects).toMatchObject([{ assignments }])
  })

  test('a group of another kind is none for a consumer', () => {
    const driver = Driver.in('joining')
    expect(driver.joined({ protocolType: 'connect' })).toEqual(['cancel-timer', 'cancel-timer', 'fail'])
  })

  test('what was given up for others is followed by another round', () => {
    const driver = Driver.in('adopting')
    expect(driver.adopted(true)).toEqual(['release rejoin'])
  })
})

describe('an error of JoinGroup', () => {
  test.each<[ErrorName, string[]]>([
    ['COORDINATOR_LOAD_IN_PROGRESS', ['doubt-coordinator', 'pause']],
    ['NOT_COORDINATOR', ['doubt-coordinator', 'pause']],
    ['COORDINATOR_NOT_AVAILABLE', ['doubt-coordinator', 'pause']],
    ['REBALANCE_IN_PROGRESS', ['pause']],
    ['UNKNOWN_MEMBER_ID', ['release lost']],
    ['ILLEGAL_GENERATION', ['release lost']],
    ['FENCED_INSTANCE_ID', ['cancel-timer', 'cancel-timer', 'fail']],
    ['GROUP_MAX_SIZE_REACHED', ['cancel-timer', 'cancel-timer', 'fail']],
    ['INVALID_SESSION_TIMEOUT', ['cancel-timer', 'cancel-timer', 'fail']],
    ['GROUP_AUTHORIZATION_FAILED', ['cancel-timer', 'cancel-timer', 'fail']],
  ])('%s', (error, effects) => {
    expect(Driver.in('joining').refused(error)).toEqual(effects)
  })

  test('pauses grow, and are forgotten once an assignment is there', () => {
    const driver = Driver.in('joining')
    const failureCounts = [1, 2, 3].map(() => {
      driver.failed(new ConnectionError('a:1', 'gone'))
      const pause = driver.effects.find((effect) => effect.kind === 'pause')
      driver.take(driver.cycle.pauseOver())
      driver.released()
      return pause?.failureCount
    })
    expect(failureCounts).toEqual([1, 2, 3])
    driver.joined()
    driver.synced()
    driver.adopted()
    driver.heartbeat('REBALANCE_IN_PROGRESS')
    driver.released()
    driver.failed(new ConnectionError('a:1', 'gone'))
    expect(driver.effects).toContainEqual({ kind: 'pause', failureCount: 1 })
  })
})

describe('an error of SyncGroup', () => {
  test.each<[ErrorName, string[]]>([
    ['REBALANCE_IN_PROGRESS', ['release rejoin']],
    ['ILLEGAL_GENERATION', ['release lost']],
    ['UNKNOWN_MEMBER_ID', ['release lost']],
    ['NOT_COORDINATOR', ['doubt-coordinator', 'pause']],
    ['FENCED_INSTANCE_ID', ['cancel-timer', 'cancel-timer', 'fail']],
  ])('%s', (error, effects) => {
    expect(Driver.in('syncing').synced(error)).toEqual(effects)
  })
})

describe('a heartbeat', () => {
  test.each<[ErrorName, string[]]>([
    ['NONE', ['set-timer']],
    ['REBALANCE_IN_PROGRESS', ['set-timer', 'release rejoin']],
    ['ILLEGAL_GENERATION', ['set-timer', 'release lost']],
    ['UNKNOWN_MEMBER_ID', ['set-timer', 'release lost']],
    ['NOT_COORDINATOR', ['set-timer', 'doubt-coordinator']],
    ['COORDINATOR_LOAD_IN_PROGRESS', ['set-timer']],
    ['UNKNOWN_SERVER_ERROR', ['set-timer']],
    ['FENCED_INSTANCE_ID', ['set-timer', 'cancel-timer', 'cancel-timer', 'fail']],
  ])('that is answered %s', (error, effects) => {
    expect(Driver.in('stable').heartbeat(error)).toEqual(effects)
  })

  test('goes out whenever there is a generation, but not while the next is waited for', () => {
    expect(Driver.in('stable').cycle.heartbeatDue()).toEqual([{ kind: 'heartbeat' }])
    expect(Driver.in('adopting').cycle.heartbeatDue()).toEqual([{ kind: 'heartbeat' }])
    const driver = Driver.in('stable')
    driver.heartbeat('REBALANCE_IN_PROGRESS')
    expect(driver.cycle.heartbeatDue()).toEqual([{ kind: 'heartbeat' }])
    driver.released()
    expect(driver.cycle.heartbeatDue()).toEqual([])
  })

  test('of an earlier generation says nothing any more', () => {
    const driver = Driver.in('stable')
    const sent = driver.cycle.identity
    driver.heartbeat('REBALANCE_IN_PROGRESS')
    driver.released()
    driver.joined({ generationId: 2 })
    expect(driver.cycle.heartbeatAnswered(sent, errorCodes.UNKNOWN_MEMBER_ID)).toEqual([])
    expect(driver.cycle.identity).toEqual({ memberId: 'm', generationId: 2 })
  })

  test('while an assignment is taken up is acted upon afterwards', () => {
    const driver = Driver.in('adopting')
    expect(driver.heartbeat('REBALANCE_IN_PROGRESS')).toEqual(['set-timer'])
    driver.effects = []
    expect(driver.adopted()).toEqual(['release rejoin'])
    const removed = Driver.in('adopting')
    expect(removed.heartbeat('UNKNOWN_MEMBER_ID')).toEqual(['set-timer'])
    expect(removed.adopted()).toEqual(['release lost'])
  })

  test('that finds the member removed while it gives partitions up: the rest is lost', () => {
    const driver = Driver.in('stable')
    driver.heartbeat('REBALANCE_IN_PROGRESS')
    expect(driver.heartbeat('UNKNOWN_MEMBER_ID')).toEqual(['set-timer'])
    expect(driver.released()).toEqual(['release lost'])
    expect(driver.released()).toEqual(['cancel-timer', 'join'])
  })
})

describe('wanting another round', () => {
  test('begins one at once, or after the one that is under way', () => {
    expect(Driver.in('stable').cycle.requestRejoin('x')).toMatchObject([{ kind: 'release' }])
    const driver = Driver.in('syncing')
    expect(driver.cycle.requestRejoin('x')).toEqual([])
    driver.synced()
    expect(driver.adopted()).toEqual(['release rejoin'])
    driver.released()
    expect(driver.effects).toContainEqual(expect.objectContaining({ kind: 'join', reason: 'x' }))
  })

  test('is done with once the member joins with what is wanted by then', () => {
    const driver = Driver.in('joining')
    driver.take(driver.cycle.requestRejoin('x'))
    driver.joined({ errorCode: errorCodes.MEMBER_ID_REQUIRED, memberId: 'm' })
    driver.joined()
    driver.synced()
    expect(driver.adopted()).toEqual([])
  })

  test('is nothing to who has not started, or has ended', () => {
    expect(new Driver().cycle.requestRejoin('x')).toEqual([])
  })
})

describe('an application that stays away', () => {
  test('leaves, loses everything, and comes back as somebody new', () => {
    const driver = Driver.in('stable')
    expect(driver.take(driver.cycle.pollOverdue())).toEqual([
      ...['leave', 'cancel-timer', 'cancel-timer', 'release lost'],
    ])
    expect(driver.cycle.identity).toEqual({ memberId: '', generationId: -1 })
    expect(driver.released()).toEqual([])
    expect(driver.cycle.state).toBe('away')
    expect(driver.take(driver.cycle.pollTouched())).toEqual(['release lost'])
    expect(driver.released()).toEqual(['cancel-timer', 'join'])
  })

  test('does not leave as a static member: its session decides', () => {
    const driver = Driver.in('stable', true)
    expect(driver.take(driver.cycle.pollOverdue())).not.toContain('leave')
  })

  test('while the answer to its join was on the way, does not stay a member', () => {
    const driver = Driver.in('joining')
    const { step } = driver
    driver.take(driver.cycle.pollOverdue())
    expect(driver.cycle.joined(step, generation)).toMatchObject([{ kind: 'leave', memberId: 'm' }])
  })
})

describe('stopping', () => {
  test('gives everything up, then leaves', () => {
    const driver = Driver.in('stable')
    expect(driver.take(driver.cycle.stop(true))).toEqual(['cancel-timer', 'release leave'])
    expect(driver.cycle.heartbeatDue()).toEqual([{ kind: 'heartbeat' }])
    expect(driver.released()).toEqual(['leave', 'cancel-timer', 'end'])
    expect(driver.cycle.stop(true)).toEqual([])
  })

  test('without leaving, or from outside of a generation', () => {
    const silent = Driver.in('stable', true)
    silent.take(silent.cycle.stop(false))
    expect(silent.released()).toEqual(['cancel-timer', 'end'])
    const idle = new Driver()
    expect(idle.take(idle.cycle.stop(true))).toEqual(['cancel-timer', 'release lost'])
    expect(idle.released()).toEqual(['cancel-timer', 'end'])
  })

  test('ends even if giving up fails', () => {
    const driver = Driver.in('stable')
    driver.take(driver.cycle.stop(true))
    expect(driver.failed(new Error('a listener threw'))).toEqual(['leave', 'cancel-timer', 'end'])
  })
})

describe('what fails', () => {
  test('on the way to the coordinator is tried again; what will not pass ends the member', () => {
    expect(Driver.in('syncing').failed(new ConnectionError('a:1', 'gone'))).toEqual([
      'doubt-coordinator',
      'pause',
    ])
    expect(Driver.in('syncing').failed(new TypeError('a bad assignor'))).toContain('fail')
    const retriable = new KafkaError('LEADER_NOT_AVAILABLE', 'not yet')
    expect(Driver.in('joining').failed(retriable)).toEqual(['doubt-coordinator', 'pause'])
  })

  test('after it has been overtaken counts for nothing', () => {
    const driver = Driver.in('joining')
    const { step } = driver
    driver.failed(new ConnectionError('a:1', 'gone'))
    expect(driver.cycle.failed(step, new TypeError('late'))).toEqual([])
    expect(driver.cycle.joined(step, generation)).toEqual([])
    expect(driver.cycle.released(step)).toEqual([])
  })

  test('in a commit tells as much as a heartbeat', () => {
    const driver = Driver.in('stable')
    const { identity } = driver.cycle
    const error = new KafkaError('UNKNOWN_MEMBER_ID', 'gone')
    expect(driver.take(driver.cycle.commitRefused(identity, error))).toEqual(['release lost'])
    expect(driver.cycle.commitRefused(identity, error)).toEqual([])
  })
})
