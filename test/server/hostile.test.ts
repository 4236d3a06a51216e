import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { RawClient, ScriptedDispatcher, settle, startServer, until } from './loopback.ts'

const besiegers = fileURLToPath(new URL('besiegers.mjs', import.meta.url))
const [idle, slow, deaf, hasty] = [500, 50, 25, 25]
const besiegerCount = idle + slow + deaf + hasty
const refusedCount = 10

/** What became of a server with one honest client and some hundreds of others, ten more than it admits. */
async function siege(limits = {}) {
  const clock = new ManualClock()
  const dispatcher = new ScriptedDispatcher()
  const maxConnections = besiegerCount - refusedCount + 1
  const server = await startServer({
    dispatcher,
    clock,
    limits: { maxConnections, maxConnectionsPerIp: -1, maxConnectionCreationRate: -1, ...limits },
  })
  const honest = await RawClient.connect(server)
  const startRss = residentBytes()
  await startBesiegers(server.ports[0] ?? 0)
  await until(
    () => server.counts.accepted + (server.counts.refused['max.connections'] ?? 0) === besiegerCount + 1,
  )
  const hastyCount = hasty - refusedCount
  await until(() => dispatcher.waiting.length >= hastyCount * 32)
  await settle(200)
  const rssRiseBytes = residentBytes() - startRss
  const overlapCount = dispatcher.waiting.length
  const { connectionCount, unsentResponseBytes } = server
  for (let count = 0; count < 200; count++) {
    honest.send(`echo ${count}`)
    await honest.texts(count + 1)
  }
  await clock.runFor(40_000)
  return {
    rssRiseBytes,
    unsentResponseBytes,
    overlapCount,
    connectionCount,
    honestCount: honest.responses.length,
    refused: server.counts.refused,
    closed: server.counts.closed,
  }
}

/** What is still in use: garbage says more about the collector than about the server. */
function residentBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().rss
}

async function startBesiegers(port: number): Promise<void> {
  const child = spawn(process.execPath, [besiegers, ...[port, idle, slow, deaf, hasty].map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.stdin.end())
  await new Promise((resolve) => child.stdout.once('data', resolve))
}

test('under siege the server serves, keeps its limits, and does not grow', async () => {
  const { rssRiseBytes, unsentResponseBytes, overlapCount, ...outcome } = await siege()
  expect(rssRiseBytes).toBeLessThan(64 * 1024 * 1024)
  // Of each that does not read, one response beyond the mark at which it is left alone.
  expect(unsentResponseBytes).toBeLessThanOrEqual(deaf * (64 * 1024 + 100_004))
  // The last ten of the hasty ones are not admitted.
  expect(overlapCount).toBe((hasty - refusedCount) * 32)
  expect(outcome).toEqual({
    connectionCount: besiegerCount - refusedCount + 1,
    honestCount: 200,
    refused: { 'max.connections': refusedCount },
    closed: { 'frame-deadline': slow, 'write-deadline': deaf },
  })
})

test('what is seen there depends on the limits', async () => {
  const { closed, overlapCount } = await siege({ frameDeadlineMs: -1, maxInFlightRequests: 100_000 })
  expect(closed).toEqual({ 'write-deadline': deaf })
  expect(overlapCount).toBeGreaterThan((hasty - refusedCount) * 32)
})
