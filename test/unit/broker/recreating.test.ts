import { expect, test } from 'vitest'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { type FileCall, InterposedFiles } from '../../../src/testing/interposed-files.ts'
import { readTopicId } from '../../../src/log/partition-metadata.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../../src/testing/memory-env.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const topic = { name: 'orders', partitionCount: 1, replicationFactor: 1 }
const other = { ...topic, name: 'other' }

/** Files on which directories of the topic `other` are synced when told to. Each call is shown before it is made. */
class HeldFiles extends InterposedFiles {
  release!: () => void
  look: (call: FileCall) => void = () => undefined
  readonly #released = new Promise<void>((resolve) => {
    this.release = resolve
  })

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    this.look(call)
    const isHeld = call.kind === 'syncDirectory' && call.path.startsWith('/data/other-')
    return isHeld ? (this.#released.then(() => run(call)) as T) : run(call)
  }
}

/** A broker that is busy with the topic `other`: what is decided from now on is taken up when all of it is. */
async function busyBroker(before?: (tested: TestBroker) => Promise<unknown>) {
  const memory = memoryEnv({ clock: new ManualClock(), seed: 1 })
  const files = new HeldFiles(memory.files)
  const tested = await openBroker({ env: { ...memory, files } as unknown as MemoryEnv })
  await before?.(tested)
  await tested.broker.controller.createTopic(other)
  return { tested, broker: tested.broker, controller: tested.broker.controller, files }
}

function append({ broker }: TestBroker, value: string) {
  const records = encodeBatch([{ value }], { now: 0 })
  return broker.replicas.get(topic.name, 0).append(records, { requiredAcks: -1, timeoutMs: 1000 })
}

/** Looks between all that others do, until `end` resolves. */
async function watching(end: Promise<unknown>, look: () => void): Promise<void> {
  let hasEnded = false
  void end.then(() => (hasEnded = true))
  for (let count = 0; !hasEnded; count++) {
    look()
    await (count % 100 === 99 ? new Promise((resolve) => setImmediate(resolve)) : undefined)
  }
  look()
}

test('the directory of a topic stays, also when an earlier topic of its name was never taken up', async () => {
  const { tested, broker, controller, files } = await busyBroker()
  await controller.createTopic(topic)
  await controller.deleteTopic(topic.name)
  const { topicId } = await controller.createTopic(topic)
  const removed: (string | undefined)[] = []
  files.look = ({ kind, path }) => {
    if (kind === 'rename' && path === '/data/orders-0') removed.push(readTopicId(tested.env.files, path))
  }
  files.release()
  await broker.settled()
  expect(removed).not.toContain(topicId)
  expect(broker.replicas.get(topic.name, 0).topicId).toBe(topicId)
  await append(tested, 'a')
  await broker.close()
})

test('a topic is not served from the log of an earlier one of its name', async () => {
  const { tested, broker, controller, files } = await busyBroker(async (begun) => {
    await begun.broker.controller.createTopic(topic)
    await begun.broker.settled()
    await append(begun, 'old')
  })
  await controller.createPartitions(topic.name, 2)
  await controller.deleteTopic(topic.name)
  const { topicId } = await controller.createTopic(topic)
  const view = broker.view.partition(topic.name, 0)
  const servedFrom = new Set<string>()
  files.release()
  await watching(broker.settled(), () => {
    const partition = broker.replicas.find(topic.name, 0)
    if (partition?.view === view) servedFrom.add(partition?.topicId ?? '')
  })
  expect([...servedFrom]).toEqual([topicId])
  expect(broker.replicas.get(topic.name, 0).log.endOffset).toBe(0)
  await append(tested, 'new')
  await broker.close()
})
