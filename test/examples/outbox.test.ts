import { expect, test } from 'vitest'
import { Tidemark } from '../../src/embedded/public.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { type RunningExample, startExample } from './run-example.ts'

/**
 * The outbox: its process is killed at any moment, and its broker is away for a while. Whatever it took arrives, in order, and once.
 * That it arrives once is more than idempotence gives, which ends with the process: it is the outbox that looks where it was.
 */

const readings = { topic: 'readings', partition: 0 }
const killCount = 4

test('what was taken arrives in order and once, through kills and while the broker is away', async () => {
  const [outboxDirectory, brokerDirectory] = [temporaryDirectory(), temporaryDirectory()]
  let broker = await openBroker(brokerDirectory, 0)
  const bootstrap = broker.bootstrap ?? ''
  const port = Number(bootstrap.split(':')[1])
  await broker.admin().createTopics([{ name: 'readings', partitions: 1 }])

  const taken: string[] = []
  for (let life = 0; life < killCount; life++) {
    const service = startService(outboxDirectory, bootstrap, 100_000)
    // Later and later in its life: before it has found the broker, and in the middle of forwarding.
    await takes(service, 30 + 60 * life)
    if (life === 1) await broker.close()
    if (life === 1) await takes(service, 200)
    service.child.kill('SIGKILL')
    expect(await service.ended).toBe('SIGKILL')
    taken.push(...takenBy(service))
    if (life === 2) broker = await openBroker(brokerDirectory, port)
  }
  const last = startService(outboxDirectory, bootstrap, 50)
  expect(await last.ended, last.troubles()).toBe(0)
  taken.push(...takenBy(last))

  const arrived = await readAll(broker)
  await broker.close()
  expect(new Set(arrived).size, 'none twice').toBe(arrived.length)
  // What a kill left between the disk and the line that says so has been taken as well.
  const wanted = new Set(taken)
  expect(arrived.filter((reading) => wanted.has(reading))).toEqual(taken)
  expect(arrived.length - taken.length).toBeLessThanOrEqual(killCount)
  expect(taken.length).toBeGreaterThan(500)
})

async function openBroker(directory: string, port: number): Promise<Tidemark> {
  const config = { 'offsets.topic.num.partitions': 1 }
  return await Tidemark.open(directory, { listen: port, durability: 'os', config })
}

function startService(directory: string, bootstrap: string, count: number): RunningExample {
  return startExample('outbox-service.mjs', [directory, bootstrap, String(count)])
}

function takenBy({ lines }: RunningExample): string[] {
  return lines.map((line) => line.replace('taken ', ''))
}

/** Resolves when the service has taken so many readings more. */
async function takes({ child, lines, troubles }: RunningExample, count: number): Promise<void> {
  const endCount = lines.length + count
  while (lines.length < endCount) {
    if (child.exitCode !== null) throw new Error(`the service ended: ${troubles()}`)
    await new Promise((resolve) => child.stdout?.once('data', resolve))
  }
}

async function readAll(broker: Tidemark): Promise<string[]> {
  const options = { assignment: [readings], autoOffsetReset: 'earliest', value: 'string' } as const
  const consumer = broker.consumer<Buffer, string>(options)
  const [{ offset: end } = { offset: -1 }] = await consumer.endOffsets([readings])
  const read: string[] = []
  for await (const { offset, value } of consumer) {
    read.push(String(value))
    if (offset === end - 1) break
  }
  return read
}
