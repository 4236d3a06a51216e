import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { offsetAt } from '../../src/cli/consume/start-position.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { ServedCluster } from './served-cluster.ts'
import { parseLines, RunningCommand, succeed, tidemark } from './tidemark.ts'

/** A broker that has `records` in partition 0 of `orders`, and commands that consume them. */
async function servedOrders(lines: string, ...topicArgs: string[]): Promise<ServedCluster> {
  const cluster = await ServedCluster.start('-c', 'group.initial.rebalance.delay.ms=0')
  await cluster.print('topic', 'create', 'orders', ...topicArgs)
  await produce(cluster, lines)
  return cluster
}

async function produce(cluster: ServedCluster, lines: string, ...args: string[]): Promise<void> {
  await succeed(['produce', 'orders', '-p', '0', '-q', '-b', cluster.bootstrap, ...args], lines)
}

const committedOf = async (cluster: ServedCluster) => {
  const [group] = await cluster.json('group', 'describe', 'billing')
  return group?.['partitions']
}

/** How many partitions each member of the group has. */
async function partitionCounts(cluster: ServedCluster): Promise<number[]> {
  const { stdout } = await cluster.run('group', 'describe', 'billing', '--members', '--json')
  const members = (parseLines(stdout)[0]?.['members'] ?? []) as { assigned: unknown[] }[]
  return members.map(({ assigned }) => assigned.length)
}

describe('where to begin', () => {
  const ends = { beginning: 5, end: 9, atTime: -1 }

  test.each([
    ['earliest', 5],
    ['latest', 9],
    [{ offset: 7 }, 7],
    [{ offset: 2 }, 5],
    [{ offset: 12 }, 9],
    [{ last: 3 }, 6],
    [{ last: 30 }, 5],
    [{ timestamp: 1 }, 9],
  ] as const)('%j', (position, offset) => {
    expect(offsetAt(position, ends)).toBe(offset)
  })

  test('a time with a record at or after it', () => {
    expect(offsetAt({ timestamp: 1 }, { ...ends, atTime: 6 })).toBe(6)
  })

  test('as the options say it', async () => {
    const data = join(temporaryDirectory(), 'data')
    const lines = [1000, 2000, 3000].map((timestamp) => `{"value":"${timestamp}","timestamp":${timestamp}}\n`)
    await succeed(['produce', 'orders', '--json', '-D', data], lines.join(''))
    const consume = (...args: string[]) => succeed(['consume', 'orders', '-e', '-D', data, ...args])
    expect(await consume()).toBe('1000\n2000\n3000\n')
    expect(await consume('-o', 'end')).toBe('')
    expect(await consume('-o', '1', '-n', '1')).toBe('2000\n')
    expect(await consume('-o', '-1')).toBe('3000\n')
    expect(await consume('-o', '@1500')).toBe('2000\n3000\n')
    expect(await consume('-o', '@1970-01-01T00:00:03Z')).toBe('3000\n')
  })
})

describe('what is printed', () => {
  test('as formats say, of several topics and partitions', async () => {
    const cluster = await servedOrders('k:v\n', '-p', '3')
    const input = '{"key":"a","partition":1,"headers":{"h":"1"},"timestamp":5}\n{"value":"c","partition":2}\n'
    await succeed(['produce', 'orders', '--json', '-b', cluster.bootstrap], input)
    await succeed(['produce', 'payments', '-b', cluster.bootstrap], 'p\n')
    const print = async (...args: string[]) => {
      const printed = await cluster.print('consume', '-e', ...args)
      return printed.split('\n').slice(0, -1).sort()
    }
    expect(await print('orders:1', '-f', '%t %p %o %k %K %s %S %T %h\\n')).toEqual([
      'orders 1 0 a 1  -1 5 h=1',
    ])
    expect(await print('orders', '-p', '0,2', '-K', '=', '-Z')).toEqual(['NULL=c', 'NULL=k:v'])
    expect(await print('orders:0', 'payments')).toEqual(['k:v', 'p'])
  })

  test('expressions are for whole names', async () => {
    const cluster = await servedOrders('a\n')
    await succeed(['produce', 'orders-eu', '-q', '-b', cluster.bootstrap], 'b\n')
    expect(await cluster.print('consume', '-r', 'order.', '-e')).toBe('a\n')
    expect(await cluster.print('consume', '-r', 'order.+-.*', '-e')).toBe('b\n')
    const none = await cluster.run('consume', '-r', 'order', '-e')
    expect(none).toEqual({ exitCode: 1, stdout: '', stderr: 'tidemark: no topic has a name that matches\n' })
  })

  test('records to come are printed as they come, until a signal', async () => {
    const cluster = await servedOrders('old\n')
    const consume = new RunningCommand(['consume', 'orders', '-b', cluster.bootstrap])
    expect(await consume.nextLine()).toBe('old')
    await produce(cluster, 'new\n')
    expect(await consume.nextLine()).toBe('new')
    consume.kill('SIGINT')
    expect(await consume.finished()).toEqual({ exitCode: 130, stdout: 'old\nnew\n', stderr: '' })
  })

  test('no longer than somebody reads', async () => {
    const data = join(temporaryDirectory(), 'data')
    const lines = Array.from({ length: 200_000 }, (_, index) => `${index}\n`).join('')
    await succeed(['produce', 'numbers', '-D', data], lines)
    const consume = new RunningCommand(['consume', 'numbers', '-D', data])
    expect(await consume.nextLine()).toBe('0')
    consume.stdout.destroy()
    await once(consume.stdout, 'close')
    expect(await consume.finished()).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await succeed(['consume', 'numbers', '-e', '-D', data])) === lines).toBe(true)
  })

  test('what is not there is told of, and nothing else', async () => {
    const cluster = await servedOrders('a\n')
    expect(await cluster.run('consume', 'orders', 'ordrs', '-e')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        "tidemark: topic 'ordrs': it does not exist [UNKNOWN_TOPIC_OR_PARTITION]. Did you mean 'orders'?\n",
    })
    const nowhere = await tidemark(['consume', 'orders', '-D', join(temporaryDirectory(), 'none')])
    expect(nowhere.exitCode).toBe(2)
    expect(nowhere.stderr).toMatch(/^tidemark: there is no directory /)
  })
})

describe('a group', () => {
  test('goes on where it left off, with exactly what was printed committed', async () => {
    const cluster = await servedOrders('a\nb\nc\nd\n')
    const consume = (...args: string[]) => cluster.print('consume', 'orders', '-g', 'billing', ...args)
    expect(await consume('-n', '1')).toBe('a\n')
    expect(await committedOf(cluster)).toMatchObject([{ partition: 0, committedOffset: 1 }])
    expect(await consume('-n', '2', '-o', 'stored')).toBe('b\nc\n')
    expect(await consume('-p', '0', '-n', '1')).toBe('d\n')
    expect(await consume('-e')).toBe('')
    expect(await committedOf(cluster)).toMatchObject([{ partition: 0, committedOffset: 4 }])
    const other = await cluster.print('consume', 'orders', '-g', 'other', '-o', 'end', '-e')
    expect(other).toBe('')
  })

  test('says with -v what comes and goes, and leaves on a signal', async () => {
    const cluster = await servedOrders('a\nb\n')
    const consume = new RunningCommand(['consume', 'orders', '-g', 'billing', '-v', '-b', cluster.bootstrap])
    expect([await consume.nextLine(), await consume.nextLine()]).toEqual(['a', 'b'])
    consume.kill('SIGTERM')
    const { exitCode, stderr } = await consume.finished()
    expect({ exitCode, stderr }).toEqual({
      exitCode: 143,
      stderr: 'assigned: orders-0\nrevoked: orders-0\n',
    })
    const [group] = await cluster.json('group', 'describe', 'billing')
    expect(group).toMatchObject({ state: 'Empty', partitions: [{ committedOffset: 2 }] })
  })

  test('shares the partitions among its members, and none is printed twice', async () => {
    const cluster = await servedOrders('', '-p', '4')
    const start = () => new RunningCommand(['consume', 'orders', '-g', 'billing', '-b', cluster.bootstrap])
    const members = [start(), start()]
    await expect.poll(() => partitionCounts(cluster), { timeout: 60_000 }).toEqual([2, 2])
    const lines = Array.from({ length: 40 }, (_, index) => `{"value":"${index}","partition":${index % 4}}\n`)
    await succeed(['produce', 'orders', '--json', '-q', '-b', cluster.bootstrap], lines.join(''))
    const printed = await Promise.all(members.map((member) => linesOf(member, 20)))
    expect(
      printed
        .flat()
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(lines.map((_, index) => index))
  })
})

async function linesOf(command: RunningCommand, count: number): Promise<string[]> {
  const lines: string[] = []
  while (lines.length < count) lines.push(await command.nextLine())
  return lines
}

test('a Kafka’s log as it is, and without what its aborted transactions wrote', async () => {
  const data = temporaryDirectory()
  cpSync(new URL('../../data/golden/kafka-4.0', import.meta.url), data, { recursive: true })
  const offsets = async (...args: string[]) => {
    const printed = await succeed(['consume', 'fixture', '-e', '-f', '%o\\n', '-D', data, ...args])
    return printed.split('\n').slice(0, -1).map(Number)
  }
  const all = await offsets()
  expect(all.join('\n')).toBe((await succeed(['log', 'read', join(data, 'fixture-0'), '-f', '%o\\n'])).trim())
  const committed = await offsets('--read-committed')
  // Counted in what DumpLogSegments prints of it.
  expect([all.length, committed.length]).toEqual([1751, 1542])
  expect(committed.filter((offset) => !all.includes(offset))).toEqual([])
})

test.each([
  [['-o', 'stored'], '-o stored is where a group left off'],
  [['-g', 'billing', '-o', '5'], 'group reset-offsets'],
  [['a:b'], "'a:b' must be TOPIC, TOPIC:PARTITION"],
  [['-o', 'now'], 'It must be start, end, stored, OFFSET'],
  [['-r', '-p', '0'], '-p goes with names of topics'],
  [['-r', '('], 'is no regular expression'],
  [['-X', 'fetch.max.byte=1'], "did you mean 'fetch.max.bytes'?"],
  [['-X', 'group.id=a', '-g', 'b'], 'give it once'],
])('%j is asked wrongly', async (args, message) => {
  const data = temporaryDirectory()
  await succeed(['produce', 'orders', '-q', '-D', data], 'a\n')
  const { exitCode, stderr } = await tidemark(['consume', 'orders', '-e', '-D', data, ...args])
  expect(stderr).toContain(message)
  expect(exitCode).toBe(2)
})
