import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Tidemark } from '../../src/embedded/tidemark.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { ServedCluster } from './served-cluster.ts'
import { expectGood, parseLines, RunningCommand, succeed, tidemark } from './tidemark.ts'

async function connected(cluster: ServedCluster): Promise<Tidemark> {
  const client = await Tidemark.connect(cluster.bootstrap)
  onTestFinished(() => client.close())
  return client
}

async function feed(cluster: Tidemark, count: number): Promise<void> {
  await cluster.admin().createTopics([{ name: 'orders', partitions: 1 }])
  await using producer = cluster.producer({ compression: 'gzip' })
  const records = Array.from({ length: count }, (_, at) => ({
    ...{ topic: 'orders', partition: 0, key: `k${at}`, value: `v${at}`, timestamp: 1_700_000_000_000 + at },
  }))
  await producer.sendAll(records)
}

async function endOf(cluster: Tidemark): Promise<number> {
  const [end] = await cluster.admin().listOffsets([{ topic: 'orders', partition: 0, at: 'latest' }], {
    throwOnError: false,
  })
  return end?.error === undefined ? (end?.offset ?? 0) : 0
}

async function valuesOf(cluster: Tidemark, count: number): Promise<string[]> {
  const values: string[] = []
  await using consumer = cluster.consumer({ assignment: [{ topic: 'orders', partition: 0, offset: 0 }] })
  for await (const { value } of consumer) if (values.push(String(value)) === count) break
  return values
}

/** Each costs the start of a process. */
const killCount = 8

const expected = (count: number): string[] => Array.from({ length: count }, (_, at) => `v${at}`)

describe('tidemark mirror', () => {
  test('copies a directory to a broker, and a broker to a directory', async () => {
    const [first, last] = [join(temporaryDirectory(), 'first'), join(temporaryDirectory(), 'last')]
    {
      await using source = await Tidemark.open(first)
      await feed(source, 1000)
      await source.admin().alterGroupOffsets('billing', [{ topic: 'orders', partition: 0, offset: 400 }])
    }
    const between = await ServedCluster.start()
    const there = ['mirror', '--from', first, '--to', between.bootstrap]
    const { stdout, stderr, exitCode } = await tidemark([...there, 'orders', '--groups', 'bill.*'])
    expect(stderr).toMatch(/^1,000 records copied \(.*, 1 group offset moved\n$/)
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')[1]).toMatch(/^orders +0 +1,000 +\d.* +1000 +1000$/)
    const back = ['mirror', '--from', between.bootstrap, '--to', last, '--topics', 'ord.*', '--groups', '.*']
    expect(parseLines(await succeed([...back, '--json']))).toMatchObject([
      { topic: 'orders', partition: 0, recordCount: 1000, sourceOffset: 1000, targetOffset: 1000 },
    ])
    expect(parseLines(await succeed([...back, '--json']))).toMatchObject([{ recordCount: 0 }])
    {
      await using target = await Tidemark.open(last)
      expect(await valuesOf(target, 1000)).toEqual(expected(1000))
      expect(await target.admin().listGroupOffsets('billing')).toMatchObject([{ offset: 400 }])
    }
    await expectGood(join(last, 'orders-0'))
  })

  test('says what is wrong with how it was asked', async () => {
    const directory = temporaryDirectory()
    const missing = join(directory, 'missing')
    expect(await tidemark(['mirror', '--from', missing, '--to', directory, 'orders'])).toMatchObject({
      exitCode: 2,
      stderr: `tidemark: there is no directory ${missing}; to ask a broker, give it as HOST:PORT\n`,
    })
    expect(await tidemark(['mirror', '--from', directory, '--to', missing])).toMatchObject({
      exitCode: 2,
      stderr: 'tidemark: say which topics: by name, or with --topics REGEX\n',
    })
    const cluster = await ServedCluster.start()
    expect(
      await tidemark(['mirror', '--from', cluster.bootstrap, '--to', cluster.bootstrap, 'a']),
    ).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/the source and the target of a mirror are one cluster/),
    })
  })

  test('follows until Ctrl-C, which ends it cleanly', async () => {
    const [from, to] = [await ServedCluster.start(), await ServedCluster.start()]
    const [source, target] = [await connected(from), await connected(to)]
    await feed(source, 100)
    const args = ['mirror', '--from', from.bootstrap, '--to', to.bootstrap, 'orders', '--json']
    const command = new RunningCommand([...args, '--follow'])
    while ((await endOf(target)) < 100) await delay(20)
    await source.producer().send({ topic: 'orders', partition: 0, value: 'later' })
    while ((await endOf(target)) < 101) await delay(20)
    command.kill('SIGINT')
    const { exitCode, stdout, stderr } = await command.finished()
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/^stopped: 101 records copied/)
    expect(parseLines(stdout)).toMatchObject([{ recordCount: 101, targetOffset: 101 }])
    expect(parseLines(await succeed(args))).toMatchObject([{ recordCount: 0, targetOffset: 101 }])
  })

  test('loses nothing and doubles nothing however often it is killed', async () => {
    const count = 100_000
    const [from, to] = [
      await ServedCluster.start(),
      await ServedCluster.start('-c', 'tidemark.durability=os'),
    ]
    const [source, target] = [await connected(from), await connected(to)]
    await feed(source, count)
    const args = ['mirror', '--from', from.bootstrap, '--to', to.bootstrap, 'orders']
    let killed = 0
    while (killed < killCount) {
      const command = new RunningCommand(args)
      const enough = (await endOf(target)) + Math.floor(((killed % 4) * 3 * count) / 100)
      while ((await endOf(target)) <= enough && enough < count - 1) await delay(1)
      command.kill('SIGKILL')
      if ((await command.finished()).exitCode === null) killed++
      if ((await endOf(target)) === count) break
    }
    await succeed(args)
    // A process that is held up may come to the end before it is killed for the last time.
    expect(killed).toBeGreaterThanOrEqual(killCount / 2)
    expect(await endOf(target)).toBe(count)
    expect(await valuesOf(target, count)).toEqual(expected(count))
  })
})
