import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ServedCluster } from './served-cluster.ts'
import { parseLines, RunningCommand, tidemark } from './tidemark.ts'

/** Somebody who takes connections and says nothing; resolves to the port. */
async function silentServer(onConnection: () => void = () => {}): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    onConnection()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('topics are created, listed, described, altered and deleted', async () => {
  const cluster = await ServedCluster.start('-c', 'num.partitions=2')
  expect(
    await cluster.print('topic', 'create', 'orders', 'payments', '-p', '3', '-c', 'retention.ms=5000'),
  ).toBe(
    "topic 'orders': created: 3 partitions, replication factor 1\n" +
      "topic 'payments': created: 3 partitions, replication factor 1\n",
  )
  expect(await cluster.json('topic', 'create', 'by-default', '-r', '1')).toMatchObject([
    { topic: 'by-default', isCreated: true, partitions: 2, replicationFactor: 1 },
  ])
  expect(await cluster.print('topic', 'list')).toBe(
    'TOPIC       PARTITIONS  REPLICAS\n' +
      'by-default           2         1\n' +
      'orders               3         1\n' +
      'payments             3         1\n',
  )
  expect(await cluster.print('topic', 'list', '-q')).toBe('by-default\norders\npayments\n')

  await cluster.produce('orders', 1, [10, 20, 30])
  const [orders] = await cluster.json('topic', 'describe', 'orders')
  expect(orders).toMatchObject({ topic: 'orders', isInternal: false, configs: { 'retention.ms': '5000' } })
  expect(orders?.['partitions']).toMatchObject([
    { partition: 0, leader: 1, replicas: [1], isr: [1], startOffset: 0, endOffset: 0 },
    { partition: 1, startOffset: 0, endOffset: 3 },
    { partition: 2, startOffset: 0, endOffset: 0 },
  ])
  const text = await cluster.print('topic', 'describe', 'orders', 'payments')
  expect(text).toMatch(/^orders: 3 partitions, replication factor 1, id [\w-]{22}\n {2}retention\.ms=5000\n/)
  expect(text).toMatch(/^ +1 +1 +0 +1 +1 +0 +3$/m)
  expect(text).toContain('\n\npayments: 3 partitions')

  expect(await cluster.json('topic', 'alter', 'orders', '-p', '5', '-c', 'segment.bytes=1048576')).toEqual([
    { topic: 'orders', partitions: 5 },
    { topic: 'orders', configs: { 'segment.bytes': '1048576' }, deletedConfigs: [] },
  ])
  await cluster.print('topic', 'alter', 'orders', '-d', 'retention.ms')
  const [altered] = await cluster.json('topic', 'describe', 'orders')
  expect(altered).toMatchObject({ configs: { 'segment.bytes': '1048576' } })
  expect(altered?.['partitions']).toHaveLength(5)
  const [all] = await cluster.json('topic', 'describe', 'orders', '--configs')
  expect(all?.['configs']).toMatchObject({ 'retention.ms': '604800000', 'cleanup.policy': 'delete' })

  expect(await cluster.print('topic', 'delete', 'payments', 'by-default')).toBe(
    "topic 'payments': deleted\ntopic 'by-default': deleted\n",
  )
  expect(await cluster.print('topic', 'list', '-q')).toBe('orders\n')
})

test('a failure is told for itself; the other topics are done, and the command fails', async () => {
  const cluster = await ServedCluster.start()
  await cluster.print('topic', 'create', 'orders')
  expect(await cluster.run('topic', 'create', 'orders', 'payments')).toEqual({
    exitCode: 1,
    stdout: "topic 'payments': created: 1 partition, replication factor 1\n",
    stderr: "tidemark: topic 'orders': the topic 'orders' exists already [TOPIC_ALREADY_EXISTS]\n",
  })
  expect(await cluster.json('topic', 'create', 'orders', '--if-not-exists')).toEqual([
    { topic: 'orders', isCreated: false },
  ])
  const config = await cluster.run('topic', 'create', 'x', '-c', 'retention.mss=1')
  expect(config).toMatchObject({ exitCode: 1, stdout: '' })
  expect(config.stderr).toContain("Did you mean 'retention.ms'?")

  const unknown =
    "tidemark: topic 'ordrs': it does not exist [UNKNOWN_TOPIC_OR_PARTITION]. Did you mean 'orders'?\n"
  for (const command of [['describe'], ['delete'], ['alter', '-p', '9'], ['trim', '--to-latest']]) {
    const { exitCode, stderr } = await cluster.run('topic', ...command, 'ordrs')
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: unknown })
  }
  const { exitCode, stdout } = await cluster.run('topic', 'delete', 'ordrs', 'payments', '--json')
  expect(exitCode).toBe(1)
  expect(parseLines(stdout)).toMatchObject([
    { topic: 'ordrs', error: { code: 3, name: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    { topic: 'payments', isDeleted: true },
  ])
  expect(await cluster.print('topic', 'delete', 'ordrs', '--if-exists')).toBe(
    "topic 'ordrs': does not exist\n",
  )
})

test('dry runs change nothing', async () => {
  const cluster = await ServedCluster.start()
  expect(await cluster.print('topic', 'create', 'orders', '--dry-run')).toMatch(
    /^topic 'orders': could be created/,
  )
  expect(await cluster.print('topic', 'list')).toBe('')
  await cluster.print('topic', 'create', 'orders')
  await cluster.print('topic', 'alter', 'orders', '-p', '4', '-c', 'retention.ms=1', '--dry-run')
  const [orders] = await cluster.json('topic', 'describe', 'orders')
  expect(orders).toMatchObject({ configs: {}, partitions: [{ partition: 0 }] })
})

test('trim deletes the records before an offset or a time', async () => {
  const cluster = await ServedCluster.start()
  await cluster.print('topic', 'create', 'orders', '-p', '2', '-c', 'retention.ms=-1')
  for (const timestamp of [1000, 2000, 3000, 4000]) await cluster.produce('orders', 0, [timestamp])
  await cluster.produce('orders', 1, [1000])
  expect(await cluster.print('topic', 'trim', 'orders:0', '--to-offset', '1', '--dry-run')).toBe(
    'orders-0: would start at 1 (1 offset deleted) and end at 4\n',
  )
  expect(await cluster.print('topic', 'trim', 'orders:0', '--to-offset', '1')).toBe(
    'orders-0: starts at 1 (1 offset deleted) and ends at 4\n',
  )
  expect(await cluster.json('topic', 'trim', 'orders', '--to-datetime', '1970-01-01T00:00:02.500Z')).toEqual([
    { topic: 'orders', partition: 0, isDryRun: false, oldStartOffset: 1, startOffset: 2, endOffset: 4 },
    // Nothing there is as late.
    { topic: 'orders', partition: 1, isDryRun: false, oldStartOffset: 0, startOffset: 1, endOffset: 1 },
  ])
  // Beyond the end there is nothing to keep: more likely a mistake than a wish.
  const beyond = await cluster.run('topic', 'trim', 'orders:0,7', '--to-offset', '40')
  expect(beyond).toMatchObject({ exitCode: 1, stdout: '' })
  expect(beyond.stderr).toContain("partition 7 of topic 'orders': it does not exist")
  expect(beyond.stderr).toContain('orders-0: it has no offset 40: it ends at 4')
  const [orders] = await cluster.json('topic', 'describe', 'orders')
  expect(orders?.['partitions']).toMatchObject([{ startOffset: 2, endOffset: 4 }, { startOffset: 1 }])
})

describe('what is asked wrongly', () => {
  test('a broker that is not there: it says how to get one', async () => {
    const { exitCode, stderr } = await tidemark(['topic', 'list', '-b', '127.0.0.1:1'])
    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      'tidemark: 127.0.0.1:1: nothing listens there (ECONNREFUSED). Is a broker running? ' +
        'Start one with "tidemark serve", or name another with -b HOST:PORT [ERR_CONNECTION]\n',
    )
  })

  test('a broker that says nothing: it waits for as long as it was told, or until it is told to stop', async () => {
    const port = await silentServer()
    const late = await tidemark(['topic', 'list', '-b', `127.0.0.1:${port}`, '--timeout', '2000'])
    expect(late).toMatchObject({ exitCode: 1, stdout: '' })
    expect(late.stderr).toContain(`127.0.0.1:${port} did not answer ApiVersions within 2000 ms`)

    let stop = () => {}
    const silent = await silentServer(() => stop())
    const list = new RunningCommand(['topic', 'list', '-b', `127.0.0.1:${silent}`, '--timeout', '60000'])
    stop = () => list.kill('SIGINT')
    expect(await list.finished()).toEqual({ exitCode: 130, stdout: '', stderr: '' })
  })

  test('the option comes before the environment, and ours before the common one', async () => {
    const environment = { TIDEMARK_BOOTSTRAP_SERVERS: '127.0.0.1:2', BOOTSTRAP_SERVERS: '127.0.0.1:3' }
    const named = await tidemark(['topic', 'list', '-b', '127.0.0.1:1'], '', environment)
    expect(named.stderr).toContain('127.0.0.1:1: nothing listens')
    const ours = await tidemark(['topic', 'list'], '', environment)
    expect(ours.stderr).toContain('127.0.0.1:2: nothing listens')
    const common = await tidemark(['topic', 'list'], '', { ...environment, TIDEMARK_BOOTSTRAP_SERVERS: '' })
    expect(common.stderr).toContain('127.0.0.1:3: nothing listens')
  })

  test('options that make no sense are refused before anybody is asked', async () => {
    for (const [args, said] of [
      [['list', '-b', 'nowhere:port'], "'nowhere:port' is no bootstrap server"],
      [['create', 'x', '-p', '0'], 'whole number of at least 1'],
      [['create', 'x', '-c', 'retention.ms'], 'NAME=VALUE'],
      [['alter', 'x'], 'say what to alter'],
      [['trim', 'x'], 'say where to, once: one of --to-earliest'],
      [['trim', 'x', '--to-latest', '--to-offset', '3'], 'say where to, once'],
      [['trim', 'x', '--by-duration', 'long'], "'long' is no duration"],
      [['lst'], 'Did you mean list?'],
    ] as const) {
      const { exitCode, stdout, stderr } = await tidemark(['topic', ...args])
      expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr).toContain(said)
    }
  })

  test('--help of every command has examples', async () => {
    for (const command of ['create', 'list', 'describe', 'alter', 'delete', 'trim']) {
      const { exitCode, stdout } = await tidemark(['topic', command, '--help'])
      expect(exitCode).toBe(0)
      expect(stdout).toContain(`\n  tidemark topic ${command}`)
    }
  })
})
