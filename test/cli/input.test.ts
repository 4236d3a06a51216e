import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BatchAppender } from '../../src/cli/input/batch-appender.ts'
import { rawMembers } from '../../src/cli/input/json-members.ts'
import { LineSplitter } from '../../src/cli/input/line-splitter.ts'
import type { Log } from '../../src/log/log.ts'

const seed = process.env['TIDEMARK_SEED']
const parameters = seed === undefined ? {} : { seed: Number(seed) }

describe('line splitter', () => {
  const line = fc.string({ unit: fc.constantFrom('a', '\r', 'é', ' '), maxLength: 6 })

  test('gives the same lines however the bytes come', () => {
    const property = fc.property(
      fc.array(line),
      fc.boolean(),
      fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      (lines, hasEnd, sizes) => {
        const text = lines.join('\n') + (hasEnd && lines.length > 0 ? '\n' : '')
        const expected = text.split('\n').map((each) => each.replace(/\r$/, ''))
        if (text === '' || text.endsWith('\n')) expected.pop()
        expect(splitInChunks(Buffer.from(text), sizes)).toEqual(expected)
      },
    )
    fc.assert(property, parameters)
  })

  test('refuses a line that is too long before it is all there', () => {
    const splitter = new LineSplitter(4, 'advice')
    expect([...splitter.push(Buffer.from('1234\n12'))].map(String)).toEqual(['1234'])
    expect(() => [...splitter.push(Buffer.from('345'))]).toThrow(
      'line 2 is longer than the 4 bytes that a batch may take: advice',
    )
  })
})

function splitInChunks(bytes: Buffer, sizes: Iterator<number>): string[] {
  const splitter = new LineSplitter(1000, 'advice')
  const lines: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = Number(sizes.next().value)
    lines.push(...[...splitter.push(bytes.subarray(at, at + size))].map(String))
    at += size
  }
  lines.push(...[...splitter.end()].map(String))
  expect(splitter.lineNumber).toBe(lines.length)
  return lines
}

test('the members of a JSON object keep their text', () => {
  const gaps = fc.constantFrom('', ' ', '\t', '\n ')
  const property = fc.property(
    fc.dictionary(fc.string(), fc.jsonValue()),
    gaps,
    fc.nat(3),
    (object, gap, indent) => {
      const expected = new Map(
        Object.entries(object).map(([name, value]) => [name, JSON.stringify(value, null, indent)]),
      )
      const pairs = [...expected].map(
        ([name, text]) => `${gap}${JSON.stringify(name)}${gap}:${gap}${text}${gap}`,
      )
      expect(rawMembers(`${gap}{${pairs.join(',')}}`)).toEqual(expected)
    },
  )
  fc.assert(property, parameters)
})

describe('batch appender', () => {
  /** A log that notes what it is asked for, and answers when it is told to. */
  function slowLog() {
    const asked: { count: number; expectedOffset: number | undefined; answer: () => void }[] = []
    const append = (records: readonly unknown[], { expectedOffset }: { expectedOffset?: number }) =>
      new Promise<void>((resolve) => asked.push({ count: records.length, expectedOffset, answer: resolve }))
    return { asked, log: { endOffset: 5, append } as unknown as Log }
  }

  test('sends full batches at once, each only where the one before ended', async () => {
    const { asked, log } = slowLog()
    const appender = new BatchAppender(log, { batchCount: 2, batchBytes: 1000 })
    for (let line = 1; line <= 5; line++) await appender.add({ value: 'x' }, line)
    expect(asked).toMatchObject([
      { count: 2, expectedOffset: 5 },
      { count: 2, expectedOffset: 7 },
    ])
    appender.rest()
    expect(asked.length).toBe(2)
    const finished = appender.finish()
    for (const each of asked) each.answer()
    await Promise.resolve()
    expect(asked[2]).toMatchObject({ count: 1, expectedOffset: 9 })
    asked[2]?.answer()
    await finished
    expect([appender.count, appender.firstOffset]).toEqual([5, 5])
  })

  test('sends what there is when the input rests and nothing is under way', async () => {
    const { asked, log } = slowLog()
    const appender = new BatchAppender(log, { batchCount: 100, batchBytes: 1000 })
    await appender.add({ value: 'x' }, 1)
    expect(asked.length).toBe(0)
    appender.rest()
    expect(asked.length).toBe(1)
  })

  test('keeps a batch below the bytes it may take', async () => {
    const { asked, log } = slowLog()
    const appender = new BatchAppender(log, { batchCount: 100, batchBytes: 1000 })
    for (let line = 1; line <= 3; line++) await appender.add({ key: 'k', value: 'x'.repeat(400) }, line)
    expect(asked).toMatchObject([{ count: 2 }])
  })
})
