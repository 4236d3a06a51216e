// Uses the installed package as a user would. Run as: node smoke.mjs DIRECTORY_WITH_NODE_MODULES
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import zlib from 'node:zlib'

const installed = resolve(process.argv[2] ?? '.')
const require = createRequire(join(installed, 'importer.js'))
const load = (name) => import(pathToFileURL(require.resolve(name)).href)

const { openLog, CodecUnavailableError } = await load('tidemark/log')
const { memoryEnv } = await load('tidemark/testing')
const { Tidemark } = await load('tidemark')
const directory = mkdtempSync(join(tmpdir(), 'tidemark-'))

async function appendAndRead(options) {
  const log = await openLog(join(directory, options.compression), options)
  const value = 'ebb and flow '.repeat(50)
  await log.append([{ key: 'a', value, headers: { h: 'x' }, timestamp: Date.now() }, { value: null }])
  const records = []
  for await (const record of log.read()) records.push(record)
  assert.equal(records.length, 2)
  assert.equal(records[0].value.toString(), value)
  assert.equal(records[1].value, null)
  await log.close()
}

/** The README's ten lines. */
async function sendAndConsume(tidemark) {
  await tidemark
    .admin()
    .createTopics([{ name: 'orders', partitions: 4, config: { 'retention.ms': 3_600_000 } }])
  const producer = tidemark.producer({ acks: 'all', lingerMs: 5 })
  const sent = await producer.send({ topic: 'orders', key: 'k', value: 'v', headers: { h: 'x' } })
  const consumer = tidemark.consumer({
    ...{ groupId: 'billing', topics: ['orders'] },
    autoOffsetReset: 'earliest',
  })
  for await (const record of consumer) {
    assert.deepEqual([record.partition, record.offset], [sent.partition, sent.offset])
    assert.equal(record.value.toString(), 'v')
    await consumer.commit()
    break
  }
  await tidemark.close()
}

try {
  await sendAndConsume(await Tidemark.open(join(directory, 'data')))
  await sendAndConsume(await Tidemark.memory())
  for (const compression of ['none', 'gzip', 'snappy', 'lz4']) await appendAndRead({ compression })
  if ('zstdCompressSync' in zlib) await appendAndRead({ compression: 'zstd' })
  else await assert.rejects(appendAndRead({ compression: 'zstd' }), CodecUnavailableError)
  await appendAndRead({ compression: 'lz4', env: memoryEnv() })
  const cli = join(dirname(require.resolve('tidemark/package.json')), 'dist/lib/cli.js')
  const quickstart = spawnSync(process.execPath, [cli, 'quickstart'], { stdio: 'inherit', timeout: 60_000 })
  assert.equal(quickstart.status, 0)
  console.log(`the package works on Node ${process.versions.node}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
