import { describe, expect, onTestFinished, test } from 'vitest'
import { ClosedError, ConnectionError } from '../../../src/base/errors.ts'
import { BrokerLinks } from '../../../src/client/network/broker-links.ts'
import { ReconnectBackoff } from '../../../src/client/network/reconnect-backoff.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { until } from './fake-broker.ts'
import { ScriptedTransport } from './scripted-transport.ts'

const [a, b] = [
  { host: 'a', port: 1 },
  { host: 'b', port: 2 },
]

function linksOf() {
  const clock = new ManualClock()
  const transport = new ScriptedTransport({})
  const env = memoryEnv({ seed: 1, clock })
  const backoff = new ReconnectBackoff(env, { firstMs: 50, maxMs: 1000 })
  const links = new BrokerLinks(transport, backoff)
  onTestFinished(() => links.close())
  return { links, transport, clock }
}

/** How long the clock has to run until `promise` is settled, in steps of 5 ms. */
async function settledAfterMs(clock: ManualClock, promise: Promise<unknown>): Promise<number> {
  let isSettled = false
  const done = promise.catch(() => undefined).then(() => (isSettled = true))
  const startMs = clock.monotonicMs()
  await clock.runFor(0)
  while (!isSettled) await clock.runFor(5)
  await done
  return clock.monotonicMs() - startMs
}

describe('purposes', () => {
  test('have links of their own; within one, all share', async () => {
    const { links, transport } = linksOf()
    const [shared, again, fetch, fetchAgain] = await Promise.all([
      ...[links.to(a), links.to(a)],
      ...[links.to(a, 'fetch'), links.to(a, 'fetch')],
    ])
    expect(again).toBe(shared)
    expect(fetchAgain).toBe(fetch)
    expect(fetch).not.toBe(shared)
    expect(transport.links).toHaveLength(2)
    expect(links.leastLoaded()).toBe(shared)
    expect(links.leastLoaded('fetch')).toBe(fetch)
    expect(links.leastLoaded('other')).toBeUndefined()
  })

  test('are released alone; a link on its way is closed when it comes', async () => {
    const { links, transport } = linksOf()
    const shared = await links.to(a)
    const fetch = await links.to(a, 'fetch')
    const coming = links.to(b, 'fetch')
    links.release('fetch')
    links.release('never used')
    await expect(coming).rejects.toThrow(ClosedError)
    expect([shared.isOpen, fetch.isOpen]).toEqual([true, false])
    expect(transport.links.map(({ isOpen }) => isOpen)).toEqual([true, false, false])
    expect((await links.to(a, 'fetch')).isOpen).toBe(true)
  })

  test('retired links finish their calls, are given to nobody, and are closed when others have been made', async () => {
    const { links } = linksOf()
    const old = await links.to(a)
    links.retire('')
    expect(links.leastLoaded()).toBeUndefined()
    Object.assign(old, { inFlightCount: 1 })
    expect(await links.to(a)).not.toBe(old)
    expect(old.isOpen).toBe(true)
    Object.assign(old, { inFlightCount: 0 })
    await links.to(b)
    expect(old.isOpen).toBe(false)
  })

  test('retired links that have calls under way close with all', async () => {
    const { links } = linksOf()
    const old = await links.to(a)
    Object.assign(old, { inFlightCount: 1 })
    links.retire('')
    await links.to(a)
    links.close()
    expect(old.isOpen).toBe(false)
    await expect(links.to(a)).rejects.toThrow(ClosedError)
  })
})

describe('the process', () => {
  const openPorts = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

  test('is kept alive from the first use to the end, whether brokers can be reached or not', async () => {
    await until(() => openPorts() === 0)
    const { links, transport } = linksOf()
    expect(openPorts()).toBe(0)
    transport.down.add('a:1')
    await expect(links.to(a)).rejects.toThrow(ConnectionError)
    await links.to(b)
    expect(openPorts()).toBe(1)
    transport.links[0]?.close()
    expect(openPorts()).toBe(1)
    links.close()
    links.close()
    await until(() => openPorts() === 0)
    await expect(links.to(b)).rejects.toThrow(ClosedError)
    expect(openPorts()).toBe(0)
  })
})

describe('an address that cannot be reached', () => {
  test('is left alone for longer each time, and tried at once again after it was reached', async () => {
    const { links, transport, clock } = linksOf()
    transport.down.add('a:1')
    const pauses: number[] = []
    for (let count = 0; count < 8; count++) pauses.push(await settledAfterMs(clock, links.to(a)))
    expect(pauses[0]).toBe(0)
    for (const [index, pause] of pauses.slice(1).entries()) {
      const plain = Math.min(50 * 2 ** index, 1000)
      expect(pause).toBeGreaterThanOrEqual(plain * 0.8)
      expect(pause).toBeLessThanOrEqual(plain * 1.2 + 5)
    }
    transport.down.clear()
    const link = links.to(a)
    expect(await settledAfterMs(clock, link)).toBeGreaterThan(700)
    const [first] = transport.links
    first?.close()
    transport.down.add('a:1')
    expect(await settledAfterMs(clock, links.to(a))).toBe(0)
    // The first failure of another row.
    expect(await settledAfterMs(clock, links.to(a))).toBeLessThanOrEqual(65)
  })

  test('comes after others when its link was lost, however well it can be reached', async () => {
    const { links, transport } = linksOf()
    const lost = await links.toAny([a, b])
    lost.close()
    expect(await links.toAny([a, b])).toBe(transport.links[1])
    expect(transport.log).toEqual(['connect a:1', 'connect b:2'])
    // By now both have been lost; nothing is kept of the one that was not made again.
    transport.links[1]?.close()
    await links.toAny([b, a])
    expect(transport.log.at(-1)).toBe('connect a:1')
  })

  test('comes last where others will do, and keeps nobody from the end', async () => {
    const { links, transport, clock } = linksOf()
    transport.down.add('a:1')
    expect(await links.toAny([a, b])).toBe(transport.links[0])
    transport.links[0]?.close()
    await links.toAny([a, b])
    expect(transport.log).toEqual(['connect a:1', 'connect b:2', 'connect b:2'])
    transport.down.add('b:2')
    transport.links[1]?.close()
    const none = links.toAny([a, b])
    await settledAfterMs(clock, none)
    await expect(none).rejects.toThrow(/^a:1, b:2: no broker can be reached: b:2: .*; a:1: /)
    const waiting = links.to(a)
    links.close()
    await expect(waiting).rejects.toThrow(ClosedError)
    await expect(none).rejects.toBeInstanceOf(ConnectionError)
  })
})
