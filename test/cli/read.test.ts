import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { expectGood, RunningCommand, succeed, tidemark } from './tidemark.ts'

const startMs = Date.UTC(2024, 0, 1)
const minuteMs = 60_000
const recordCount = 1000

/** A log of 1,000 records, one a minute, `key-1 value-1` and so on, in several segments. */
let log: string

beforeAll(async () => {
  log = join(temporaryDirectory(), 'orders-eu-7')
  const lines = Array.from({ length: recordCount }, (_, index) =>
    JSON.stringify({ key: `key-${index}`, value: `value-${index}`, timestamp: startMs + index * minuteMs }),
  )
  await succeed(
    ['log', 'append', log, '--ndjson', '--batch', '7', '-X', 'segment.bytes=8192'],
    lines.join('\n'),
  )
  await expectGood(log)
})

/** The offsets that `args` print. */
async function offsets(...args: string[]): Promise<number[]> {
  const printed = await succeed(['log', 'read', log, '-f', '%o\n', ...args])
  return printed.split('\n').slice(0, -1).map(Number)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

describe('which records', () => {
  test.each([
    ['all', [], range(0, 1000)],
    ['from an offset', ['--from', '990'], range(990, 1000)],
    ['from the middle of a batch', ['--from', '10', '--to', '12'], [10, 11]],
    ['the last ones', ['--from', '-3'], [997, 998, 999]],
    ['more than there are', ['--from', '-5000', '-n', '2'], [0, 1]],
    ['from earliest', ['--from', 'earliest', '-n', '1'], [0]],
    ['from latest', ['--from', 'latest'], []],
    ['from the end', ['--from', '1000'], []],
    ['up to beyond the end', ['--from', '999', '--to', '99999'], [999]],
    ['up to some before the end', ['--from', '995', '--to', '-2'], [995, 996, 997]],
    ['from a time', ['--from', '@2024-01-01T10:00Z', '-n', '2'], [600, 601]],
    ['from a time in ms', ['--from', `@${startMs + 1}`, '-n', '1'], [1]],
    ['up to a time', ['--from', '597', '--to', '@2024-01-01T10:00Z'], [597, 598, 599]],
    ['from a time after all', ['--from', '@2030-01-01'], []],
  ])('%s', async (_, args, expected) => {
    expect(await offsets(...args)).toEqual(expected)
  })

  test('an offset that is not there is told', async () => {
    const { exitCode, stderr } = await tidemark(['log', 'read', log, '--from', '1001'])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        'tidemark: offset 1001 is outside the log, which holds offsets from 0 up to 1000 [ERR_OFFSET_OUT_OF_RANGE]\n',
    })
  })

  test.each([['yesterday'], ['@yesterday'], ['1e3']])('%s is no position', async (position) => {
    const { exitCode, stderr } = await tidemark(['log', 'read', log, '--from', position])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^tidemark: option '--from <position>' argument .* is invalid\./)
  })
})

describe('how they are printed', () => {
  const one = ['--from', '5', '-n', '1']

  test('the value and a newline', async () => {
    expect(await succeed(['log', 'read', log, ...one])).toBe('value-5\n')
    expect(await succeed(['log', 'read', log, ...one, '-K', '\\x3d'])).toBe('key-5=value-5\n')
  })

  test('JSON', async () => {
    expect(await succeed(['log', 'read', log, ...one, '--json'])).toBe(
      `{"offset":5,"timestamp":${startMs + 5 * minuteMs},"key":"key-5","value":"value-5","headers":[]}\n`,
    )
  })

  test('the verbs of kcat', async () => {
    const format = '%t/%p@%o %T %K:%k %S:%s [%h] 100%%\\n\\t\\x21\\\\n%k'
    expect(await succeed(['log', 'read', log, ...one, '-f', format])).toBe(
      `orders-eu/7@5 ${startMs + 5 * minuteMs} 5:key-5 7:value-5 [] 100%\n\t!\\nkey-5`,
    )
  })

  test('null, headers and bytes that are no text', async () => {
    const other = join(temporaryDirectory(), 'bytes')
    const lines = '{"headers":[["a","1"],["b",null]]}\n{"value":{"base64":"/w=="}}\n'
    await succeed(['log', 'append', other, '--ndjson'], lines)
    expect(await succeed(['log', 'read', other, '-f', '%t %p %K %S %h|%k|\\n'])).toBe(
      'bytes 0 -1 -1 a=1,b=NULL||\nbytes 0 -1 1 ||\n',
    )
    expect(await succeed(['log', 'read', other, '-n', '1', '-Z', '-K', ':'])).toBe('NULL:NULL\n')
    const { stdout } = await tidemark(['log', 'read', other, '--json', '--from', '1'])
    expect(JSON.parse(stdout)).toMatchObject({ value: { base64: '/w==' }, key: null })
    await expectGood(other)
  })

  test('a verb that is none is told', async () => {
    const { exitCode, stderr } = await tidemark(['log', 'read', log, '-f', '%o %q'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("'%q' is no verb")
  })
})

describe('following', () => {
  test('sees what another process appends, in new segments too, and ends with SIGINT', async () => {
    const followed = join(temporaryDirectory(), 'followed')
    const append = new RunningCommand(['log', 'append', followed, '-X', 'segment.bytes=1024'])
    append.stdin.write('0\n')
    await appears(followed)
    const read = new RunningCommand(['log', 'read', followed, '--follow'])
    expect(await read.nextLine()).toBe('0')
    for (let index = 1; index < 100; index++) {
      append.stdin.write(`${index}\n`)
      expect(await read.nextLine()).toBe(String(index))
    }
    read.kill('SIGINT')
    const { exitCode, stderr } = await read.finished()
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' })
    append.stdin.end()
    await append.finished()
    const { segments } = JSON.parse(await succeed(['log', 'stats', followed, '--json'])) as {
      segments: number
    }
    expect(segments).toBeGreaterThan(3)
    await expectGood(followed)
  })

  test('ends when as many records have come as were asked for, or at the offset that was', async () => {
    const read = new RunningCommand(['log', 'read', log, '--from', '-1', '--follow', '-n', '1'])
    expect((await read.finished()).stdout).toBe('value-999\n')
    const upTo = new RunningCommand(['log', 'read', log, '--from', '-1', '--follow', '--to', '1000'])
    expect((await upTo.finished()).stdout).toBe('value-999\n')
  })

  test('tail begins ten offsets before the end', async () => {
    const tail = new RunningCommand(['log', 'tail', log, '-f', '%o\n'])
    for (const offset of range(990, 1000)) expect(await tail.nextLine()).toBe(String(offset))
    tail.kill('SIGTERM')
    expect((await tail.finished()).exitCode).toBe(143)
    expect(await succeed(['log', 'tail', log, '-n', '2', '--no-follow'])).toBe('value-998\nvalue-999\n')
  })

  test('ends quietly when nobody reads any more', async () => {
    const tail = new RunningCommand(['log', 'tail', log, '-n', '1'])
    expect(await tail.nextLine()).toBe('value-999')
    tail.stdout.destroy()
    // Nothing is written any more, so only the next record can show it.
    await succeed(['log', 'append', log, '-k', 'key-1000'], 'value-1000\n')
    const { exitCode, stderr } = await tail.finished()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })
})

test('a pipe that closes early is no failure', async () => {
  const large = join(temporaryDirectory(), 'large')
  await succeed(['log', 'append', large, '--durability', 'os'], 'a line of some length\n'.repeat(200_000))
  for (const args of [[], ['--json'], ['-f', '%o %s\n']]) {
    const read = new RunningCommand(['log', 'read', large, ...args])
    await read.nextLine()
    read.stdout.destroy()
    const { exitCode, stderr } = await read.finished()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  }
})

test('no log, no files: said in one line', async () => {
  const { exitCode, stdout, stderr } = await tidemark(['log', 'read', join(temporaryDirectory(), 'none')])
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toMatch(/^tidemark: .* holds no log.* \[ERR_NOT_A_LOG\]\n$/)
})

test('stats', async () => {
  const printed = await succeed(['log', 'stats', log])
  expect(printed).toMatch(/^offsets {2,}0 to 1,00\d \(exclusive\)$/m)
  expect(printed).toContain('orders-eu-7')
  const stats = JSON.parse(await succeed(['log', 'stats', log, '--json'])) as Record<string, unknown>
  expect(stats).toMatchObject({ startOffset: 0, directory: log, leaderEpoch: 0, producers: 0 })
})

/** Resolves when another process has appended to the log in `directory`. */
async function appears(directory: string): Promise<void> {
  while ((await tidemark(['log', 'read', directory, '-n', '1'])).stdout === '') continue
}
