import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { ServedCluster } from './served-cluster.ts'
import { parseLines, RunningCommand, succeed, tidemark } from './tidemark.ts'

/** What is in a topic of a data directory, in the order of partitions. */
async function contents(
  directory: string,
  topic: string,
  ...args: string[]
): Promise<Record<string, unknown>[]> {
  const printed = await succeed(['consume', topic, '-e', '--json', '-D', directory, ...args])
  return parseLines(printed).sort((a, b) => Number(a['partition']) - Number(b['partition']))
}

const newDirectory = () => join(temporaryDirectory(), 'data')

describe('on a data directory', () => {
  test('lines with keys, headers and null for what is empty; what there is is told', async () => {
    const directory = newDirectory()
    const args = ['produce', 'orders', '-D', directory]
    const raw = await tidemark([...args, '-K', ':', '-Z', '-H', 'from=test'], 'k:v:w\n:x\ny:\nz\n')
    expect(raw).toMatchObject({ exitCode: 0, stdout: '' })
    expect(raw.stderr).toMatch(/^sent 4 records to orders-0, offsets 0 to 3, in .* records\/s/)
    const verbose = await tidemark([...args, '-k', 'fixed', '-v', '-q', '-z', 'gzip'], 'v\r\nw')
    expect(verbose).toEqual({ exitCode: 0, stdout: 'orders-0 4\norders-0 5\n', stderr: '' })
    expect(await tidemark(args)).toEqual({ exitCode: 0, stdout: '', stderr: 'sent nothing\n' })
    const records = await contents(directory, 'orders')
    expect(records.map(({ key, value, headers }) => [key, value, headers])).toEqual([
      ['k', 'v:w', [['from', 'test']]],
      [null, 'x', [['from', 'test']]],
      ['y', null, [['from', 'test']]],
      [null, 'z', [['from', 'test']]],
      ['fixed', 'v', []],
      ['fixed', 'w', []],
    ])
  })

  test('JSON as it is consumed goes to the same partitions of another topic, byte for byte', async () => {
    const directory = newDirectory()
    const config = ['-D', directory, '--json', '-q']
    const lines = [
      '{"key":"k","value":{"base64":"/w=="},"timestamp":1700000000000,"headers":{"a":"1","b":null}}',
      '{"value":{"total":1.0},"partition":0,"timestamp":1700000000001}',
    ]
    await succeed(['produce', 'a', ...config], lines.join('\n'))
    const printed = await succeed(['consume', 'a', '-e', '-D', directory, '--json'])
    await succeed(['produce', 'b', ...config], printed)
    const copy = await succeed(['consume', 'b', '-e', '-D', directory, '--json'])
    expect(copy).toBe(printed.replaceAll('"topic":"a"', '"topic":"b"'))
    expect(parseLines(copy)).toMatchObject([
      { partition: 0, offset: 0, timestamp: 1_700_000_000_000, value: { base64: '/w==' } },
      { partition: 0, offset: 1, value: '{"total":1.0}' },
    ])
  })

  test('a line that cannot be taken ends it; those before are there', async () => {
    const directory = newDirectory()
    const args = ['produce', 'orders', '-D', directory]
    const bad = await tidemark([...args, '--json'], '{"value":"a"}\n{"vale":"b"}\n{"value":"c"}\n')
    expect(bad.exitCode).toBe(1)
    expect(bad.stderr).toMatch(
      /^sent 1 record to orders-0, offset 0, .*\ntidemark: line 2: 'vale' is none of /,
    )
    const long = await tidemark([...args, '-X', 'max.request.size=2000'], `b\n${'x'.repeat(3000)}\nc\n`)
    expect(long.exitCode).toBe(1)
    expect(long.stderr).toContain('line 2 is longer than the 2000 bytes')
    expect(long.stderr).toContain('raise it with -X max.request.size=N')
    // Too large only with what a batch adds to it: the producer refuses it.
    const large = await tidemark([...args, '-X', 'max.request.size=2000'], `c\n${'x'.repeat(2000)}\n`)
    expect(large.exitCode).toBe(1)
    expect(large.stderr).toMatch(/tidemark: line 2 could not be sent: .*\[ERR_RECORD_TOO_LARGE\]/)
    expect((await contents(directory, 'orders')).map(({ value }) => value)).toEqual(['a', 'b', 'c'])
  })

  test('a directory that a broker holds is refused, with what to do', async () => {
    const directory = newDirectory()
    const serve = new RunningCommand(['serve', directory, '--port', '0', '--json'])
    await serve.nextLine()
    const { exitCode, stderr } = await tidemark(['produce', 'orders', '-D', directory], 'a\n')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /is held by process \d+ .*\. If that is a broker, ask it: use -b HOST:PORT .*\[ERR_LOCKED\]\n$/,
    )
    serve.kill('SIGTERM')
    await serve.finished()
  })
})

describe('at a broker', () => {
  test('to the partition of the option or the line; one that is not there is told of', async () => {
    const cluster = await ServedCluster.start('-c', 'auto.create.topics.enable=false')
    const environment = { TIDEMARK_BOOTSTRAP_SERVERS: cluster.bootstrap }
    const produce = (input: string, ...args: string[]) => tidemark(['produce', ...args], input, environment)
    await cluster.print('topic', 'create', 'orders', '-p', '3')
    await produce('{"value":"a"}\n{"value":"b","partition":1}\n', 'orders', '-p', '2', '--json')
    const printed = await cluster.print('consume', 'orders', '-e', '-f', '%p %s\\n')
    expect(printed.split('\n').sort()).toEqual(['', '1 b', '2 a'])
    expect(await produce('a\n', 'orders', '-p', '3')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: "tidemark: partition 3 of topic 'orders': it does not exist [UNKNOWN_TOPIC_OR_PARTITION]\n",
    })
    const beyond = await produce('{"value":"a"}\n{"value":"b","partition":7}\n', 'orders', '--json')
    expect(beyond.exitCode).toBe(1)
    expect(beyond.stderr).toMatch(
      /^sent 1 record to .*\ntidemark: line 2 could not be sent: there is no partition 7/,
    )
    const unknown = await produce('a\n', 'ordrs', '--timeout', '300')
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' })
    expect(unknown.stderr).toContain("Did you mean 'orders'?")
  })

  test('what a topic refuses ends it while the input is still open, and is told by its line', async () => {
    const cluster = await ServedCluster.start()
    await cluster.print('topic', 'create', 'small', '-c', 'max.message.bytes=1000')
    const produce = new RunningCommand(['produce', 'small', '-b', cluster.bootstrap])
    produce.stdin.write(`a\nb\n${'x'.repeat(2000)}\n`)
    const { exitCode, stderr } = await produce.finished()
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^sent 2 records to small-0, offsets 0 to 1, /)
    expect(stderr).toMatch(/\ntidemark: line 3 could not be sent: /)
    expect(await cluster.print('consume', 'small', '-e')).toBe('a\nb\n')
  })

  test('a signal ends it, and what it has read is there', async () => {
    const cluster = await ServedCluster.start()
    const produce = new RunningCommand(['produce', 'orders', '-v', '-b', cluster.bootstrap])
    produce.stdin.write('a\nb\n')
    expect(await produce.nextLine()).toBe('orders-0 0')
    expect(await produce.nextLine()).toBe('orders-0 1')
    produce.kill('SIGINT')
    const { exitCode, stderr } = await produce.finished()
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/^sent 2 records /)
    expect(await cluster.print('consume', 'orders', '-e')).toBe('a\nb\n')
  })

  test('more than fits into its window, in order', async () => {
    const cluster = await ServedCluster.start('-c', 'tidemark.durability=os')
    const count = 120_000
    const lines = Array.from({ length: count }, (_, index) => `${index}\n`).join('')
    const produce = await tidemark(['produce', 'numbers', '-v', '-b', cluster.bootstrap], lines)
    expect(produce.exitCode).toBe(0)
    const told = Array.from({ length: count }, (_, index) => `numbers-0 ${index}\n`).join('')
    expect(produce.stdout === told).toBe(true)
    expect((await cluster.print('consume', 'numbers', '-e')) === lines).toBe(true)
  })
})

test.each([
  [['-X', 'lingermss=1'], "unknown option 'lingermss'; did you mean 'lingerMs'?"],
  [['-X', 'batch.size=x'], 'batch.size must be an integer'],
  [['-X', 'value=json'], 'not for the command line'],
  [['-p', 'x'], 'It must be the number of a partition'],
  [['-K', ':', '--json'], "cannot be used with option '-K"],
])('%j is asked wrongly', async (args, message) => {
  const directory = newDirectory()
  const { exitCode, stderr } = await tidemark(['produce', 'orders', '-D', directory, ...args], 'a\n')
  expect(stderr).toContain(message)
  expect(exitCode).toBe(2)
})
