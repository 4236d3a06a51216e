import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { NotOffered, RecordQueue, serveCalls } from './serve-calls.mjs'

/** kcat is a command: every call runs it, and readers and members are processes that go on running. */

const run = promisify(execFile)
const separator = '\x1f'
let bootstrap = ''
const readers = new Map()
let member

const common = () => ['-b', bootstrap, '-X', 'topic.metadata.refresh.interval.ms=1000']

/** What it prints of a record: it can tell null from empty only in JSON, and headers only there. */
function recordOf({ partition, offset, ts, key, payload, headers = [] }) {
  const pairs = []
  for (let index = 0; index < headers.length; index += 2) pairs.push([headers[index], headers[index + 1]])
  return {
    ...{ partition, offset, timestamp: ts, key, value: payload },
    headers: Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** A kcat that prints records as they come. */
class Reading {
  queue = new RecordQueue()
  assigned = []
  #process
  #errors = ''
  #ended

  constructor(args) {
    this.#process = spawn('kcat', [...common(), '-J', '-u', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    createInterface(this.#process.stdout).on('line', (line) => this.queue.push(recordOf(JSON.parse(line))))
    createInterface(this.#process.stderr).on('line', (line) => this.#note(line))
    this.#ended = new Promise((done) => {
      this.#process.on('close', () => {
        this.queue.fail(new Error(this.#errors))
        done()
      })
    })
  }

  /** Called for each line on stderr. */
  onLine = () => undefined

  /** As an operator with Ctrl-C, who leaves the group. */
  async stop() {
    this.#process.kill('SIGINT')
    await this.#ended
  }

  #note(line) {
    if (line.startsWith('% ERROR')) this.#errors += `${line}\n`
    const rebalanced = /rebalanced .*: (assigned|revoked|unassigned)[^:]*:?(.*)/.exec(line)
    if (rebalanced?.[1] === 'assigned')
      this.assigned = [...rebalanced[2].matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]))
    else if (rebalanced !== null) this.assigned = []
    this.onLine(line)
  }
}

function startArgument(from) {
  if (from === 'earliest') return 'beginning'
  if (from === 'latest') return 'end'
  return from.timestamp === undefined ? String(from.offset) : `s@${from.timestamp}`
}

async function query(topic, partition, timestamp) {
  const { stdout } = await run('kcat', [...common(), '-Q', '-t', `${topic}:${partition}:${timestamp}`])
  return Number(/offset (\d+)/.exec(stdout)?.[1])
}

async function metadata() {
  const { stdout } = await run('kcat', [...common(), '-L', '-J'])
  return JSON.parse(stdout).topics
}

function produceArguments({ topic, partition, codec, acks, isIdempotent }) {
  const options = { 'compression.codec': codec, 'linger.ms': 20, 'message.max.bytes': 10_000_000 }
  if (isIdempotent) options['enable.idempotence'] = true
  else options['request.required.acks'] = acks
  return [
    ...['-P', '-t', topic, '-p', String(partition), '-K', separator, '-D', '\n'],
    ...Object.entries(options).flatMap(([name, value]) => ['-X', `${name}=${value}`]),
  ]
}

/** One run of kcat -P takes lines of key and value, with the same headers, and nulls only for what is empty. */
async function produceLines(args, records) {
  const headers = Object.entries(records[0].headers).flatMap(([name, value]) => ['-H', `${name}=${value}`])
  const nulls = records.some(({ key, value }) => key === null || value === null) ? ['-Z'] : []
  const running = run('kcat', [...common(), ...args, ...headers, ...nulls])
  running.child.stdin.end(
    records.map(({ key, value }) => `${key ?? ''}${separator}${value ?? ''}\n`).join(''),
  )
  await running
}

/** Records that can go in one run of kcat: those that are plain together, each other one alone. */
function runsOf(records) {
  const isPlain = ({ key, value, headers }) => key !== null && value && Object.keys(headers).length === 0
  return records.every(isPlain) ? [records] : records.map((record) => [record])
}

const calls = {
  async hello(given) {
    bootstrap = given.bootstrap
    const { stdout } = await run('kcat', ['-V'])
    const [, kcat, librdkafka] = /Version (\S+) .*librdkafka (\S+)/.exec(stdout)
    return { version: `${kcat} (librdkafka ${librdkafka})` }
  },

  async produce(given) {
    for (const records of runsOf(given.records)) await produceLines(produceArguments(given), records)
  },

  async open({ reader, topic, partition, from }) {
    const start = startArgument(from)
    const options = ['-X', 'fetch.wait.max.ms=100', '-X', 'topic.auto.offset.reset=error']
    const reading = new Reading(['-C', '-t', topic, '-p', String(partition), '-o', start, ...options])
    readers.set(reader, reading)
    if (from !== 'latest') return
    await new Promise((done) => {
      reading.onLine = (line) => line.includes('Reached end of topic') && done()
    })
  },

  read: ({ reader, count }) => readers.get(reader).queue.take(count),

  async close({ reader }) {
    await readers.get(reader).stop()
    readers.delete(reader)
  },

  async join({ group, topic, sessionTimeoutMs }) {
    const options = {
      ...{ 'session.timeout.ms': sessionTimeoutMs, 'heartbeat.interval.ms': 300 },
      ...{ 'auto.offset.reset': 'earliest', 'auto.commit.interval.ms': 100, 'fetch.wait.max.ms': 100 },
    }
    member = new Reading([
      ...Object.entries(options).flatMap(([name, value]) => ['-X', `${name}=${value}`]),
      ...['-G', group, topic],
    ])
  },

  assigned: () => member.assigned,

  take: ({ count }) => member.queue.take(count),

  commit() {
    throw new NotOffered('it commits by itself what it has printed, when it likes')
  },

  leave: () => member.stop(),

  topics: async () => (await metadata()).map(({ topic }) => topic),

  // Of all topics, for to ask for one creates it.
  async partitionCount({ topic }) {
    const found = (await metadata()).find((each) => each.topic === topic)
    if (found === undefined) throw new NotOffered('asking for a topic creates it, as a producer would')
    return found.partitions.length
  },

  offsets: async ({ topic, partition }) => ({
    earliest: await query(topic, partition, -2),
    latest: await query(topic, partition, -1),
  }),
}

/** librdkafka's words for errors of the protocol. */
const names = {
  'Message size too large': 'MESSAGE_TOO_LARGE',
  'Offset out of range': 'OFFSET_OUT_OF_RANGE',
}

function kafkaNameOf(error) {
  const text = `${error.message}\n${error.stderr ?? ''}`
  return Object.entries(names).find(([words]) => text.includes(words))?.[1]
}

serveCalls(calls, kafkaNameOf)
