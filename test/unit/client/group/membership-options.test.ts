import { expect, test } from 'vitest'
import { resolveMembership } from '../../../../src/client/group/membership-options.ts'

function resolve(options: Record<string, unknown>) {
  return resolveMembership({ groupId: 'g', ...options })
}

test("defaults are Kafka's", () => {
  const { assignors, ...rest } = resolve({})
  expect(assignors.map(({ name }) => name)).toEqual(['range', 'cooperative-sticky'])
  expect(rest).toEqual({
    ...{ groupId: 'g', groupInstanceId: null, rackId: null, protocol: 'eager' },
    ...{ sessionTimeoutMs: 45_000, heartbeatIntervalMs: 3000, maxPollIntervalMs: 300_000 },
  })
})

test("Kafka's names are accepted, others refused", () => {
  expect(resolve({ 'session.timeout.ms': 6000 }).sessionTimeoutMs).toBe(6000)
  expect(() => resolve({ sessionTimeoutMS: 1 })).toThrow("did you mean 'sessionTimeoutMs'")
  expect(() => resolve({ sessionTimeoutMs: 3000 })).toThrow(RangeError)
  expect(() => resolve({ groupId: '' })).toThrow('groupId is empty')
  expect(() => resolve({ groupInstanceId: '' })).toThrow('groupInstanceId is empty')
})

test('a group is cooperative when all assignors are', () => {
  const own = { name: 'own', protocol: 'cooperative' as const, assign: () => new Map() }
  expect(resolve({ assignors: ['cooperative-sticky', own] }).protocol).toBe('cooperative')
  expect(resolve({ assignors: [own, 'sticky'] }).protocol).toBe('eager')
})

test('assignors are named once, and exist', () => {
  expect(() => resolve({ assignors: [] })).toThrow('assignors is empty')
  expect(() => resolve({ assignors: ['range', 'range'] })).toThrow('two of the same name')
  expect(() => resolve({ assignors: ['toString'] })).toThrow("there is no assignor 'toString'")
})
