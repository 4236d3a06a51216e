import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import {
  currentProcess,
  fateOf,
  type ProcessIdentity,
  seeProcess,
} from '../../../src/env/process-identity.ts'

const owner: ProcessIdentity = { pid: 7, startTime: 500, bootId: 'boot', pidNamespace: 'ns', host: 'host' }
const exactly = (startTime: number) => ({ startedFrom: startTime, startedTo: startTime })

describe('the fate of a lock owner', () => {
  test.each<[string, Partial<ProcessIdentity>, number | undefined, string]>([
    ['runs', {}, 500, 'live'],
    ['has no process', {}, undefined, 'gone'],
    ['has a pid that another process has now', {}, 501, 'gone'],
    ['ran before a restart', { bootId: 'later' }, 500, 'gone'],
    ['ran in a container that was restarted', { pidNamespace: 'later' }, 500, 'gone'],
    ['runs, and the host was renamed', { host: 'renamed' }, 500, 'live'],
    ['ran, and the host was renamed', { host: 'renamed' }, undefined, 'gone'],
    ['runs on another machine', { host: 'other', bootId: 'other' }, 500, 'out of sight'],
    [
      'runs in another container of this machine',
      { host: 'other', pidNamespace: 'other' },
      undefined,
      'out of sight',
    ],
    ['is seen from where boots are unknown', { bootId: '', pidNamespace: '' }, undefined, 'out of sight'],
  ])('an owner that %s', (_, self, seenStart, fate) => {
    const seen = seenStart === undefined ? undefined : exactly(seenStart)
    expect(fateOf(owner, { ...owner, ...self }, seen)).toBe(fate)
  })

  test.each<[string, string, number | undefined, string]>([
    ['runs', 'host', 500, 'live'],
    ['is gone', 'host', undefined, 'gone'],
    ['started before the machine did', 'host', 501, 'gone'],
    ['runs on another machine', 'other', 500, 'out of sight'],
  ])('where boots are unknown, an owner that %s', (_, host, seenFrom, fate) => {
    const elsewhere = { ...owner, bootId: '', pidNamespace: '' }
    const seen = seenFrom === undefined ? undefined : { startedFrom: seenFrom, startedTo: Infinity }
    expect(fateOf(elsewhere, { ...elsewhere, host }, seen)).toBe(fate)
  })
})

describe('looking at processes', () => {
  test('this process recognises itself', () => {
    const self = currentProcess()
    expect(self).toMatchObject({ pid: process.pid, host: hostname() })
    expect(currentProcess()).toEqual(self)
    expect(fateOf(self, self, seeProcess(self.pid, self))).toBe('live')
  })

  test('and, without the help of Linux, still does', () => {
    const startTime = Math.round(Date.now() - process.uptime() * 1000)
    const self = { ...currentProcess(), bootId: '', pidNamespace: '', startTime }
    expect(fateOf(self, self, seeProcess(self.pid, self))).toBe('live')
    const earlier = { ...self, startTime: startTime - 60_000 }
    expect(fateOf(earlier, self, seeProcess(self.pid, self))).toBe('gone')
    const parent = { ...self, pid: process.ppid }
    expect(fateOf(parent, self, seeProcess(parent.pid, self))).toBe('live')
    const beforeBoot = { ...parent, startTime: 1_000_000_000_000 }
    expect(fateOf(beforeBoot, self, seeProcess(parent.pid, self))).toBe('gone')
  })

  test('the parent process is seen with its own start, and a free pid is not seen', () => {
    const self = currentProcess()
    expect(seeProcess(process.ppid, self)?.startedFrom).toBeLessThan(self.startTime)
    expect(seeProcess(2 ** 30, self)).toBeUndefined()
  })
})
