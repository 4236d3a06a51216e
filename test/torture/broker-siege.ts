import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Besiegers, Connected } from './broker-besiegers.ts'
import { HonestClient } from './broker-latency.ts'
import { BrokerProcess } from './broker-process.ts'
import { directoryInMemory } from './requirements.ts'

/** What is put up against a broker, and the connections it is to admit then. */
export interface SiegeTask {
  readonly besiegers: Omit<Besiegers, 'port'>
  readonly properties: Readonly<Record<string, string>>
  /** Connections that the limits let in; undefined where they let in everyone. */
  readonly connectionCount?: number
  /** By how much memory may grow. */
  readonly riseBytesMax: number
}

/** How a broker has held out. */
export interface SiegeOutcome {
  /** The honest client's 99th percentile at the besieged broker before the siege, in milliseconds. */
  readonly calmP99Ms: number
  /** The same under siege, and at a broker beside it that is left in peace: the median of windows. */
  readonly besiegedP99Ms: number
  readonly besideP99Ms: number
  /** What the first of the two is of the second, window by window: the median. */
  readonly ratio: number
  /** By how much the broker's resident memory grew at most. */
  readonly riseBytes: number
  /** Connected at the most, the honest client included. */
  readonly connectionCount: number
  /** Slow ones that are still connected when their deadline has passed. */
  readonly slowLeft: number
}

const windowMs = 3000
/** The server's frame deadline is 30 s; some more for those that came last. */
const siegeMs = 40_000

/**
 * An honest client at a besieged broker, and by turns at one that is left in peace: on a machine that does other things, too,
 * only what happens in the same seconds can be compared.
 */
export async function besiegeBroker({ besiegers, properties }: SiegeTask): Promise<SiegeOutcome> {
  const directory = mkdtempSync(join(directoryInMemory(), 'tidemark-siege-'))
  const [besieged, beside] = ['besieged', 'beside'].map((name) =>
    BrokerProcess.start({ directory: join(directory, name), properties }),
  ) as [BrokerProcess, BrokerProcess]
  let siege: Siege | undefined
  try {
    const port = await portOf(besieged)
    using client = await HonestClient.connect(port)
    using other = await HonestClient.connect(await portOf(beside))
    // The first windows are for the compilers of the two.
    for (let count = 0; count < 2; count++) await measure(client, other)
    const calm = await measure(client, other)
    const startBytes = besieged.residentBytes()
    siege = new Siege({ ...besiegers, port })
    await siege.isComplete
    const windows: Window[] = []
    let peakBytes = 0
    const endMs = performance.now() + siegeMs
    while (performance.now() < endMs) {
      windows.push(await measure(client, other))
      peakBytes = Math.max(peakBytes, besieged.residentBytes())
    }
    return {
      calmP99Ms: calm.p99Ms,
      besiegedP99Ms: median(windows.map(({ p99Ms }) => p99Ms)),
      besideP99Ms: median(windows.map(({ besideP99Ms }) => besideP99Ms)),
      ratio: median(windows.map(({ p99Ms, besideP99Ms }) => p99Ms / besideP99Ms)),
      riseBytes: peakBytes - startBytes,
      connectionCount: siege.connectedMax + 1,
      slowLeft: siege.connected.slow,
    }
  } finally {
    siege?.end()
    await Promise.all([besieged.kill(), beside.kill()])
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Window {
  readonly p99Ms: number
  readonly besideP99Ms: number
}

async function measure(client: HonestClient, other: HonestClient): Promise<Window> {
  for (const endMs = performance.now() + windowMs; performance.now() < endMs; ) {
    await client.append()
    await other.append()
  }
  return { p99Ms: client.takeP99Ms(), besideP99Ms: other.takeP99Ms() }
}

/** The besiegers' process. */
class Siege {
  readonly #child: ChildProcessWithoutNullStreams
  connected: Connected = { idle: 0, slow: 0, tls: 0, deaf: 0, isComplete: false }
  connectedMax = 0
  /** Resolves when all of them have tried to connect. */
  readonly isComplete: Promise<void>

  constructor(besiegers: Besiegers) {
    const path = fileURLToPath(new URL('broker-besiegers.js', import.meta.url))
    this.#child = spawn(process.execPath, [path, JSON.stringify(besiegers)])
    this.isComplete = new Promise((resolve, reject) => {
      createInterface(this.#child.stdout).on('line', (line) => {
        this.connected = JSON.parse(line) as Connected
        if (this.connected.isComplete) this.#count()
        if (this.connected.isComplete) resolve()
      })
      this.#child.on('close', () => reject(new Error('the besiegers have gone')))
    })
    this.isComplete.catch(() => undefined)
  }

  end(): void {
    this.#child.stdin.end()
  }

  /** Those who were turned away may not have heard of it while the others still come. */
  #count(): void {
    const { idle, slow, tls, deaf } = this.connected
    this.connectedMax = Math.max(this.connectedMax, idle + slow + tls + deaf)
  }
}

async function portOf(broker: BrokerProcess): Promise<number> {
  const ready = await broker.ready
  if (ready === undefined) throw new Error(broker.failure ?? 'the broker has ended')
  return Number(ready.bootstrap.split(':').at(-1))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
