import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { expectGood, readJson, RunningCommand, succeed, tidemark } from './tidemark.ts'

const newLog = () => join(temporaryDirectory(), 'orders-0')

/** The values of a log, or keys and values, without what differs from run to run. */
async function contents(directory: string): Promise<unknown[]> {
  const records = await readJson(directory)
  await expectGood(directory)
  return records.map(({ key, value }) => (key === null ? value : [key, value]))
}

describe('lines', () => {
  test.each([
    ['plain', 'a\nb\n', ['a', 'b']],
    ['without a newline at the end', 'a\nb', ['a', 'b']],
    ['with CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['empty ones', '\na\n\n', ['', 'a', '']],
    ['of no text', Buffer.from([0xff, 0x00, 0x0a, 0x61]), [{ base64: '/wA=' }, 'a']],
  ])('%s', async (_, input, values) => {
    const log = newLog()
    const { exitCode, stderr, stdout } = await tidemark(['log', 'append', log], input)
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^appended ${values.length} records?, offsets? 0`))
    expect(await contents(log)).toEqual(values)
  })

  test('none at all make an empty log', async () => {
    const log = newLog()
    const { exitCode, stderr } = await tidemark(['log', 'append', log])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'appended nothing\n' })
    expect(await contents(log)).toEqual([])
  })

  test('with keys, a fixed key, headers, and null for what is empty', async () => {
    const log = newLog()
    await succeed(
      ['log', 'append', log, '-K', '\\t', '-Z', '-H', 'from=test', '-H', 'n='],
      'k\tv\tw\n\tx\ny\t\nz\n',
    )
    await succeed(['log', 'append', log, '-k', 'fixed', '-q'], 'v\n')
    expect(await contents(log)).toEqual([['k', 'v\tw'], 'x', ['y', null], 'z', ['fixed', 'v']])
    const [first, , , , last] = await readJson(log)
    expect(first?.['headers']).toEqual([
      ['from', 'test'],
      ['n', ''],
    ])
    expect(last?.['headers']).toEqual([])
  })

  test('without end, through a small memory, in order', async () => {
    const log = newLog()
    const append = new RunningCommand(['log', 'append', log, '--durability', 'os', '--compression', 'lz4'])
    const count = 300_000
    const line = (index: number) => `${index} ${'x'.repeat(index % 100)}\n`
    for (let from = 0; from < count; from += 1000) {
      const text = Array.from({ length: 1000 }, (_, index) => line(from + index)).join('')
      if (!append.stdin.write(text)) await new Promise((resolve) => append.stdin.once('drain', resolve))
    }
    append.stdin.end()
    expect((await append.finished()).exitCode).toBe(0)
    const printed = await succeed(['log', 'read', log])
    const expected = Array.from({ length: count }, (_, index) => line(index)).join('')
    expect(printed === expected).toBe(true)
    await expectGood(log)
  })

  test('of more than a batch may take are refused by number, and the ones before stay', async () => {
    const log = newLog()
    const input = `a\nb\n${'x'.repeat(3000)}\nc\n`
    const tooLong = await tidemark(['log', 'append', log, '-X', 'max.message.bytes=2000'], input)
    expect(tooLong.exitCode).toBe(1)
    expect(tooLong.stderr).toContain('tidemark: line 3 is longer than the 2000 bytes')
    // Too large only with what a batch adds to it.
    const tooLarge = await tidemark(
      ['log', 'append', log, '-X', 'max.message.bytes=3000'],
      `c\n${input.slice(4)}`,
    )
    expect(tooLarge.exitCode).toBe(1)
    expect(tooLarge.stderr).toMatch(
      /line 2 could not be appended: .* max\.message\.bytes.*\[ERR_RECORD_TOO_LARGE\]/,
    )
    expect(await contents(log)).toEqual(['a', 'b', 'c'])
  })
})

describe('NDJSON', () => {
  test('values of every kind', async () => {
    const log = newLog()
    const lines = [
      '{"key":"k","value":"v","timestamp":1700000000000,"headers":{"a":"1","b":null,"c":{"base64":"/w=="},"d":2}}',
      '{"value":{"base64":"/w=="},"key":{"base64":"AA=="}}',
      '  {"value" : {"nested":[1.0, "}\\"{"]} , "offset":7,"timestamp":-1}',
      '',
      '{"value":12345678901234567890}',
      '{"value":true,"headers":[["x","1"],["x","2"]]}',
      '{"value":{"base64":"AA==","other":1}}',
      '{}',
    ]
    await succeed(['log', 'append', log, '--ndjson'], lines.join('\n'))
    const records = await readJson(log)
    expect(records.map(({ value }) => value)).toEqual([
      'v',
      { base64: '/w==' },
      '{"nested":[1.0, "}\\"{"]}',
      '12345678901234567890',
      'true',
      '{"base64":"AA==","other":1}',
      null,
    ])
    expect(records[0]).toEqual({
      offset: 0,
      timestamp: 1_700_000_000_000,
      key: 'k',
      value: 'v',
      headers: [
        ['a', '1'],
        ['b', null],
        ['c', { base64: '/w==' }],
        ['d', '2'],
      ],
    })
    expect(records[1]?.['key']).toBe('\0')
    expect(records[4]?.['headers']).toEqual([
      ['x', '1'],
      ['x', '2'],
    ])
    await expectGood(log)
  })

  test('as the reader prints it makes the same log again', async () => {
    const kafka = new URL('../../data/golden/kafka-4.0/fixture-0', import.meta.url).pathname
    const copy = newLog()
    const printed = await succeed(['log', 'read', kafka, '--json'])
    await succeed(['log', 'append', copy, '--ndjson', '--compression', 'gzip'], printed)
    const withoutOffset = (text: string) => text.replace(/"offset":\d+,/g, '')
    expect(withoutOffset(await succeed(['log', 'read', copy, '--json']))).toBe(withoutOffset(printed))
    await expectGood(copy)
  })

  test.each([
    ['{"value":"x"', 'it is not JSON'],
    ['"x"', 'it is not a JSON object'],
    [
      '{"vale":"x"}',
      "'vale' is none of key, value, headers, timestamp, topic, partition, offset; did you mean 'value'?",
    ],
    ['{"partition":-1}', 'partition must be a number of a partition, got -1'],
    ['{"value":{"base64":"?"}}', "'?' is not base64"],
    ['{"timestamp":"now"}', 'timestamp must be whole milliseconds since 1970, got "now"'],
    ['{"timestamp":1.5}', 'timestamp must be whole milliseconds'],
    ['{"headers":"x"}', 'headers must be an object'],
    ['{"headers":[["x"]]}', 'a header must be a pair'],
    ['{"value":"\xff"}', 'it is not UTF-8'],
  ])('%s is refused', async (line, reason) => {
    const log = newLog()
    const input = Buffer.from(`{"value":"1"}\n\n{"value":"2"}\n${line}\n{"value":"3"}\n`, 'latin1')
    const { exitCode, stderr } = await tidemark(['log', 'append', log, '--ndjson'], input)
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`tidemark: line 4: ${reason}`)
    expect(stderr).toContain('appended 2 records, offsets 0 to 1')
    expect(await contents(log)).toEqual(['1', '2'])
  })

  test('with a time in the far future is refused by line, and what follows is not appended', async () => {
    const log = newLog()
    const input = '{"value":"1"}\n{"timestamp":99999999999999}\n{"value":"3"}\n'
    const { exitCode, stderr } = await tidemark(['log', 'append', log, '--ndjson', '--batch', '1'], input)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/tidemark: line 2 could not be appended: .*\[ERR_INVALID_TIMESTAMP\]/)
    expect(await contents(log)).toEqual(['1'])
  })
})

test('what has come in is in the log at once, and stays when SIGINT ends the command', async () => {
  const log = newLog()
  await succeed(['log', 'append', log], 'first\n')
  const tail = new RunningCommand(['log', 'tail', log])
  expect(await tail.nextLine()).toBe('first')
  const append = new RunningCommand(['log', 'append', log])
  append.stdin.write('second\nthird\nhalf a li')
  expect([await tail.nextLine(), await tail.nextLine()]).toEqual(['second', 'third'])
  append.kill('SIGINT')
  const { exitCode, stderr } = await append.finished()
  expect({ exitCode, stderr }).toEqual({
    exitCode: 130,
    stderr: expect.stringMatching(/^appended 2 records, offsets 1 to 2, in [^\n]*\n$/) as string,
  })
  expect(await contents(log)).toEqual(['first', 'second', 'third'])
})

test('what cannot be appended is told at once, though the input goes on', async () => {
  const log = newLog()
  const append = new RunningCommand(['log', 'append', log, '--ndjson'])
  append.stdin.write('{"value":"1"}\n{"timestamp":99999999999999}\n')
  const { exitCode, stderr } = await append.finished()
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(
    /^appended nothing\ntidemark: a record of the 2 from line 1 on could not be appended: .*\[ERR_INVALID_TIMESTAMP\]\n$/,
  )
})

test('one process at a time may append', async () => {
  const log = newLog()
  await succeed(['log', 'append', log], 'first\n')
  const tail = new RunningCommand(['log', 'tail', log, '-n', '1'])
  expect(await tail.nextLine()).toBe('first')
  const holder = new RunningCommand(['log', 'append', log])
  holder.stdin.write('second\n')
  expect(await tail.nextLine()).toBe('second')
  const { exitCode, stderr } = await tidemark(['log', 'append', log], 'third\n')
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(
    /^tidemark: .*\.lock is held by process \d+ .*\. Stop that process first; .*\[ERR_LOCKED\]\n$/,
  )
  holder.stdin.end()
  expect((await holder.finished()).exitCode).toBe(0)
  expect(await contents(log)).toEqual(['first', 'second'])
})

test('options that cannot be are told, with exit code 2', async () => {
  const run = async (...args: string[]) => {
    const { exitCode, stderr } = await tidemark(['log', 'append', newLog(), ...args])
    expect(exitCode).toBe(2)
    return stderr
  }
  expect(await run('--bacth', '3')).toContain('(Did you mean --batch?)')
  expect(await run('--batch', '0')).toContain('It must be a whole number of at least 1.')
  expect(await run('--durability', 'none')).toContain('Allowed choices are sync, interval, os.')
  expect(await run('--ndjson', '-k', 'x')).toContain('cannot be used with')
  expect(await run('-X', 'segment.bites=1')).toContain("did you mean 'segment.bytes'?")
  expect(await run('-X', 'segment.bytes=1')).toContain('segment.bytes must be an integer from 1024')
})
