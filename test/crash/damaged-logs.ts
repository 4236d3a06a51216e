import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Batch } from '../../src/batch/batch.ts'
import type { Log } from '../../src/log/log.ts'
import { openLog } from '../../src/log/log.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import { projectRoot } from '../torture/project-root.ts'
import { boot, directory, imageOf, type LogImage, type Stop, writeVariety } from './log-image.ts'

export const options = {
  segmentBytes: 1024,
  indexIntervalBytes: 0,
  reserveBytes: 0,
  fileDeleteDelayMs: 0,
} as const satisfies LogOptions

/** Logs of every kind, of which copies are damaged: how each comes about. */
const recipes = {
  /** Two segments, the first of them trimmed in the middle. */
  variety: { image: new Map(), write: writeSegments },
  /** Messages of the formats 0 and 1, plain and in wrappers, and batches behind them. */
  legacy: { image: legacyImage(), write: writeVariety },
  /** Every codec, in batches of the Java producer. */
  codecs: { image: goldenImage('codecs-0'), write: appendOne },
  /** Transactions that overlap, some of them aborted. */
  transactions: { image: goldenImage('transactions-0'), write: appendOne },
} as const satisfies Record<string, { image: LogImage; write: (log: Log) => Promise<unknown> }>

export type DamagedLog = keyof typeof recipes
export const damagedLogs = Object.keys(recipes) as DamagedLog[]

const images = new Map<string, Promise<LogImage>>()

/** The files of the log `name` after a clean stop of its process, or after its death. Made once. */
export function imageAfter(name: DamagedLog, stop: Stop): Promise<LogImage> {
  const key = `${name} ${stop}`
  const image = images.get(key) ?? makeImage(name, stop)
  images.set(key, image)
  return image
}

async function makeImage(name: DamagedLog, stop: Stop): Promise<LogImage> {
  const { image, write } = recipes[name]
  const env = boot(image)
  const log = await openLog(directory, { ...options, env })
  await write(log)
  if (stop === 'clean') await log.close()
  return imageOf(stop === 'clean' ? env.files : env.kill().files)
}

async function writeSegments(log: Log): Promise<void> {
  await writeVariety(log)
  for (const value of ['b', 'c', 'd']) await log.append({ value: value.repeat(50) })
  await log.append({ value: 'the end' })
  await log.trim(1)
}

async function appendOne(log: Log): Promise<void> {
  await log.append({ value: 'ours' })
}

/** A partition as a broker has left it after a clean stop. */
function goldenImage(name: string): LogImage {
  const path = join(projectRoot, 'data/golden/kafka-4.3.1-broker/clean', name)
  const names = readdirSync(path).filter((each) => statSync(join(path, each)).isFile())
  return new Map(names.map((each) => [each, readFileSync(join(path, each))]))
}

/** A segment of what Kafka's own classes wrote in the old formats. */
function legacyImage(): LogImage {
  const kinds = ['magic 0 none', 'magic 1 none CreateTime', 'magic 1 gzip', 'magic 1 snappy', 'magic 1 lz4 C']
  const vectors = readFileSync(join(projectRoot, 'data/golden/batches-4.3.1/vectors.txt'), 'utf8')
  let nextOffset = 0
  const sets = kinds.map((kind) => {
    const [, hex = ''] = new RegExp(`^\\[${kind}.*\\n([0-9a-f]+)$`, 'm').exec(vectors) ?? []
    const bytes = Buffer.from(hex, 'hex')
    nextOffset = renumber(bytes, nextOffset)
    return bytes
  })
  return new Map([['00000000000000000000.log', Buffer.concat(sets)]])
}

/** Moves messages to another offset, which no checksum of theirs covers; returns the offset after the last. */
function renumber(messages: Buffer, firstOffset: number): number {
  const base = new Batch(messages).baseOffset
  let nextOffset = firstOffset
  for (let position = 0; position < messages.length; ) {
    const lastOffset = Number(messages.readBigInt64BE(position)) - base + firstOffset
    messages.writeBigInt64BE(BigInt(lastOffset), position)
    nextOffset = lastOffset + 1
    position += 12 + messages.readInt32BE(position + 8)
  }
  return nextOffset
}
