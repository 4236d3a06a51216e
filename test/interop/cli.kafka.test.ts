import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectGood, type Finished, parseLines, RunningCommand, tidemark } from '../cli/tidemark.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { Broker } from './kafka/broker.ts'
import { describeWithKafka, runKafka } from './kafka/run-kafka.ts'
import { consoleText, type PrintedRecord } from './text/console-text.ts'

/** The codecs that this runtime can write. */
const codecs = ['none', 'gzip', 'snappy', 'lz4', ...('zstdCompressSync' in zlib ? ['zstd'] : [])]

/** What Kafka's own tools are, each told of the broker and asked with options. */
const tools = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  offsets: 'org.apache.kafka.tools.GetOffsetShell',
  consume: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  groups: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
} as const

const firstTimestamp = 1_700_000_000_000

/** What is so old would be deleted in the middle of a test. */
const settings = ['log.retention.ms=-1']

describeWithKafka('the command line, at Apache Kafka', () => {
  let broker: Broker
  const directory = temporaryDirectory()

  beforeAll(async () => {
    broker = await Broker.start(directory, ...settings)
  })

  afterAll(() => broker.kill())

  test('what produce sends is what the console consumer prints, and what consume prints', async () => {
    await succeed(['topic', 'create', 'sent', '-p', '1'])
    const lines = 'k:v:w\n:x\ny:\nžluťoučký 🐎\n'
    for (const codec of codecs)
      await succeed(['produce', 'sent', '-K', ':', '-Z', '-H', `codec=${codec}`, '-z', codec], lines)
    const told = await ask(['produce', 'sent', '--json', '-v', '-q'], jsonLines(0, 2))
    const before = 4 * codecs.length
    expect(told).toEqual({ exitCode: 0, stdout: `sent-0 ${before}\nsent-0 ${before + 1}\n`, stderr: '' })

    const consumed = await consume('sent')
    expect(consumed.map(({ key, value, headers }) => [key, value, headers])).toEqual([
      ...codecs.flatMap((codec) => [
        ['k', 'v:w', [['codec', codec]]],
        [null, 'x', [['codec', codec]]],
        ['y', null, [['codec', codec]]],
        [null, 'žluťoučký 🐎', [['codec', codec]]],
      ]),
      ['key-0', '0', [['odd', 'no']]],
      ['key-1', '1', [['odd', 'yes']]],
    ])
    expect(consumed.slice(-2)).toMatchObject([
      { timestamp: firstTimestamp },
      { timestamp: firstTimestamp + 1 },
    ])
    expect(await broker.consume('sent', 'read_uncommitted', consumed.length)).toBe(
      consoleText(consumed.map(printed)),
    )
    const dump = parseLines(await succeed(['log', 'dump', join(broker.dataDirectory, 'sent-0'), '--json']))
    const batches = dump.filter(({ kind }) => kind === 'batch')
    expect(batches.map(({ compresscodec }) => compresscodec)).toEqual([...codecs, 'none'])
  })

  test('a partition is the one that was said', async () => {
    await succeed(['topic', 'create', 'spread', '-p', '3'])
    await succeed(['produce', 'spread', '-p', '2', '-q'], 'a\nb\nc\n')
    await succeed(['produce', 'spread', '-p', '2', '--json', '-q'], '{"value":"d","partition":1}\n')
    expect(await kafka('offsets', '--topic', 'spread')).toBe('spread:0:0\nspread:1:1\nspread:2:3\n')
    expect(await ask(['produce', 'spread', '-p', '3'], 'x')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/partition 3 of topic 'spread': it does not exist/),
    })
  })

  test('consume begins where it was told, and prints as it was told', async () => {
    await numbered('numbers', 10)
    const read = async (...args: string[]) => (await succeed(['consume', 'numbers', '-e', ...args])).trim()
    const at = async (where: string) => (await read('-o', where)).replaceAll('\n', ' ')
    expect(await at('beginning')).toBe('0 1 2 3 4 5 6 7 8 9')
    expect(await at('7')).toBe('7 8 9')
    expect(await at('-2')).toBe('8 9')
    expect(await at('-99')).toBe('0 1 2 3 4 5 6 7 8 9')
    expect(await at(`@${firstTimestamp + 6}`)).toBe('6 7 8 9')
    expect(await at(`@${new Date(firstTimestamp + 8).toISOString()}`)).toBe('8 9')
    expect(await at('end')).toBe('')
    const format = ['-n', '1', '-f', '%t/%p@%o %T %k(%K)=%s(%S) %h\\n']
    expect(await read(...format)).toBe(`numbers/0@0 ${firstTimestamp} key-0(5)=0(1) odd=no`)
    expect(await read('-n', '2', '-K', ' -> ')).toBe('key-0 -> 0\nkey-1 -> 1')
    expect((await consume('numbers', '-p', '0', '-o', '9'))[0]).toMatchObject({
      ...{ topic: 'numbers', partition: 0, offset: 9, timestamp: firstTimestamp + 9 },
      ...{ key: 'key-9', value: '9', headers: [['odd', 'yes']] },
    })
  })

  test('a group goes on where it left off, as Kafka sees it too', async () => {
    await numbered('shared', 10)
    const member = ['consume', 'shared', '-g', 'billing']
    expect(await succeed([...member, '-n', '3'])).toBe('0\n1\n2\n')
    expect(await kafkaGroup('billing')).toEqual(['billing', 'shared', '0', '3', '10', '7'])
    expect(await succeed([...member, '-n', '2'])).toBe('3\n4\n')

    const reset = ['group', 'reset-offsets', 'billing', '-t', 'shared', '--to-offset', '8']
    expect(await succeed(reset)).toMatch(/^shared-0: 5 -> 8\n/)
    expect(await succeed(['group', 'describe', 'billing', '--json'])).toContain('"committedOffset":5')
    await succeed([...reset, '--execute'])
    expect(await kafkaGroup('billing')).toEqual(['billing', 'shared', '0', '8', '10', '2'])
    expect(await succeed([...member, '-e'])).toBe('8\n9\n')

    expect(linesOf(await succeed(['group', 'list', '-q']))).toContain('billing')
    expect(await ask(['group', 'delete', 'billing', 'none'])).toMatchObject({
      exitCode: 1,
      stdout: "group 'billing': deleted\n",
      stderr: "tidemark: group 'none': there is no such group [GROUP_ID_NOT_FOUND]\n",
    })
    expect(linesOf(await succeed(['group', 'list', '-q']))).not.toContain('billing')
  })

  test('a group that Java consumers left, of the newer protocol (KIP-848), is shown, moved and deleted', async () => {
    await numbered('modern', 6)
    const protocol = ['--group', 'jvm', '--command-property', 'group.protocol=consumer']
    const reading = ['--topic', 'modern', '--from-beginning', '--max-messages', '4']
    expect(await kafka('consume', ...reading, ...protocol)).toBe('0\n1\n2\n3\n')
    const listed = parseLines(await succeed(['group', 'list', '--json']))
    expect(listed).toContainEqual(expect.objectContaining({ group: 'jvm', state: 'Empty', type: 'consumer' }))
    const offsets = { topic: 'modern', partition: 0, committedOffset: 4, endOffset: 6, lag: 2 }
    const described = parseLines(await succeed(['group', 'describe', 'jvm', '--json']))
    expect(described).toMatchObject([{ group: 'jvm', members: [], partitions: [offsets] }])
    const reset = ['group', 'reset-offsets', 'jvm', '--all-topics', '--shift-by', '-1', '--execute']
    expect(await succeed(reset)).toBe('modern-0: 4 -> 3\n')
    expect(await succeed(['consume', 'modern', '-g', 'jvm', '-n', '1'])).toBe('3\n')
    expect(await succeed(['group', 'delete', 'jvm'])).toBe("group 'jvm': deleted\n")
  })

  test('a group with a member is described, and neither deleted nor moved', async () => {
    await numbered('held', 3)
    const member = running(['consume', 'held', '-g', 'holder'])
    for (const line of ['0', '1', '2']) expect(await member.nextLine()).toBe(line)
    const [group] = parseLines(await succeed(['group', 'describe', 'holder', '--json']))
    expect(group).toMatchObject({ state: 'Stable', members: [{ assigned: [{ topic: 'held' }] }] })
    expect(await ask(['group', 'delete', 'holder'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/NON_EMPTY_GROUP/),
    })
    const reset = ['group', 'reset-offsets', 'holder', '--all-topics', '--to-earliest', '--execute']
    expect(await ask(reset)).toMatchObject({ exitCode: 1, stdout: '' })
    member.kill('SIGINT')
    expect(await member.finished()).toEqual({ exitCode: 130, stdout: '0\n1\n2\n', stderr: '' })
    expect(await succeed(['group', 'describe', 'holder', '--json'])).toMatch(/"state":"Empty".*"lag":0}/)
  })

  test('topics are made, described, changed, trimmed and deleted', async () => {
    const create = ['topic', 'create', 'orders', '-p', '2', '-c', 'retention.ms=86400000']
    expect(await succeed([...create, '--dry-run'])).toMatch(/could be created: 2 partitions/)
    await succeed(create)
    expect(await ask(create)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/orders.*TOPIC_ALREADY_EXISTS/),
    })
    await succeed([...create, '--if-not-exists'])
    await succeed([
      'topic',
      'alter',
      'orders',
      '-p',
      '3',
      '-c',
      'cleanup.policy=compact',
      '-d',
      'retention.ms',
    ])
    const described = await kafka('topics', '--describe', '--topic', 'orders')
    expect(described).toMatch(/PartitionCount: 3\tReplicationFactor: 1\tConfigs: .*cleanup.policy=compact/)
    expect(described).not.toMatch(/retention.ms=86400000/)
    const [ours] = parseLines(await succeed(['topic', 'describe', 'orders', '--json']))
    expect(described).toContain(`TopicId: ${String(ours?.['topicId'])}`)
    expect(ours).toMatchObject({ configs: { 'cleanup.policy': 'compact' }, partitions: [{}, {}, {}] })

    await numbered('trimmed', 10)
    await succeed(['topic', 'trim', 'trimmed:0', '--to-offset', '4'])
    expect(await kafka('offsets', '--topic', 'trimmed', '--time', 'earliest')).toBe('trimmed:0:4\n')
    expect(await succeed(['consume', 'trimmed', '-e', '-n', '1'])).toBe('4\n')

    await succeed(['topic', 'delete', 'orders', 'trimmed'])
    const left = linesOf(await succeed(['topic', 'list', '-q', '-i']))
    expect(linesOf(await kafka('topics', '--list'))).toEqual(left)
    expect(left).not.toContain('orders')
    expect(await ask(['topic', 'describe', 'orders'])).toMatchObject({ exitCode: 1, stdout: '' })
  })

  test('mirror carries a topic into a directory, and out of it again', async () => {
    await numbered('mirrored', 100)
    await succeed(['consume', 'mirrored', '-g', 'readers', '-n', '40'])
    const before = await broker.consume('mirrored', 'read_committed', 100)
    const copies = join(temporaryDirectory(), 'copies')
    const out = [
      'mirror',
      '--from',
      broker.address,
      '--to',
      copies,
      'mirrored',
      '--groups',
      'read.*',
      '--json',
    ]
    expect(parseLines(await succeed(out))).toMatchObject([{ recordCount: 100, targetOffset: 100 }])
    expect(parseLines(await succeed(out))).toMatchObject([{ recordCount: 0, targetOffset: 100 }])
    await expectGood(join(copies, 'mirrored-0'))

    await succeed(['topic', 'delete', 'mirrored'])
    await succeed(['group', 'delete', 'readers'])
    const back = ['mirror', '--from', copies, '--to', broker.address, 'mirrored', '--groups', 'read.*']
    expect(await ask(back)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^100 records copied \(.*, 1 group offset moved\n$/),
    })
    expect(await broker.consume('mirrored', 'read_committed', 100)).toBe(before)
    expect(await succeed(['consume', 'mirrored', '-g', 'readers', '-n', '1'])).toBe('40\n')
  })

  test('a broker that is killed and comes back is waited for', async () => {
    await succeed(['topic', 'create', 'survivor', '-p', '1'])
    const reader = running(['consume', 'survivor'])
    const writer = running(['produce', 'survivor', '-q'])
    writer.stdin.write('before\n')
    expect(await reader.nextLine()).toBe('before')
    await broker.kill()
    writer.stdin.write('meanwhile\n')
    broker = await Broker.start(directory, ...settings)
    writer.stdin.end('after\n')
    expect(await reader.nextLine()).toBe('meanwhile')
    expect(await reader.nextLine()).toBe('after')
    expect(await writer.finished()).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    reader.kill('SIGTERM')
    expect(await reader.finished()).toMatchObject({ exitCode: 143, stdout: 'before\nmeanwhile\nafter\n' })
  })

  const environment = () => ({ TIDEMARK_BOOTSTRAP_SERVERS: broker.address })

  /** Runs a command, which is told of Kafka by its environment. */
  async function ask(args: readonly string[], input = ''): Promise<Finished> {
    return await tidemark(args, input, environment())
  }

  /** What a command that must succeed prints. */
  async function succeed(args: readonly string[], input = ''): Promise<string> {
    const { exitCode, stdout, stderr } = await ask(args, input)
    expect(exitCode, `tidemark ${args.join(' ')}: ${stderr}`).toBe(0)
    return stdout
  }

  function running(args: readonly string[]): RunningCommand {
    return new RunningCommand(args, environment())
  }

  async function consume(topic: string, ...args: string[]): Promise<Record<string, unknown>[]> {
    return parseLines(await succeed(['consume', topic, '-e', '--json', ...args]))
  }

  /** What one of Kafka's own tools prints. */
  async function kafka(tool: keyof typeof tools, ...args: string[]): Promise<string> {
    const { stdout } = await runKafka(tools[tool], '--bootstrap-server', broker.address, ...args)
    return stdout
  }

  /** The group, topic, partition, offset, end and lag that Kafka's tool tells of a group of one partition. */
  async function kafkaGroup(name: string): Promise<string[] | undefined> {
    const lines = (await kafka('groups', '--describe', '--group', name)).split('\n')
    const row = lines.find((line) => line.startsWith(`${name} `))
    return row?.split(/\s+/).slice(0, 6)
  }

  /** A topic of one partition with the records of {@link jsonLines}. */
  async function numbered(topic: string, count: number): Promise<void> {
    await succeed(['topic', 'create', topic, '-p', '1'])
    await succeed(['produce', topic, '--json', '-q'], jsonLines(0, count))
  }
})

/** Records as `produce --json` takes them: the number is the value, and each is a millisecond later. */
function jsonLines(start: number, end: number): string {
  return Array.from({ length: end - start }, (_, index) => {
    const number = start + index
    const headers = { odd: number % 2 === 1 ? 'yes' : 'no' }
    const timestamp = firstTimestamp + number
    return `${JSON.stringify({ key: `key-${number}`, value: `${number}`, headers, timestamp })}\n`
  }).join('')
}

/** The names that are listed, a line each, sorted. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}

/** A record that `consume --json` printed, as other text is made of it. */
function printed(record: Record<string, unknown>): PrintedRecord {
  const bytes = (value: unknown) => (typeof value === 'string' ? Buffer.from(value) : null)
  return {
    timestampType: 'CreateTime',
    timestamp: Number(record['timestamp']),
    offset: Number(record['offset']),
    headerList: (record['headers'] as [string, unknown][]).map(([key, value]) => ({
      key,
      value: bytes(value),
    })),
    key: bytes(record['key']),
    value: bytes(record['value']),
  }
}
