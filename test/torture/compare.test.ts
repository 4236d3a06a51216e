import { describe, expect, test } from 'vitest'
import { compare } from './compare.ts'
import { History } from './history.ts'
import type { Identity } from './records.ts'
import type { Survivors } from './survivors.ts'
import type { WriterEvent } from './writer-event.ts'

/** A history of one life, from its events; each acknowledged event a millisecond after the last. */
function historyOf(events: readonly WriterEvent[], promisedMs = 0): History {
  const history = new History(promisedMs)
  history.begin(0)
  events.forEach((event, at) => history.take(event, at))
  history.end(events.length)
  return history
}

const opened: WriterEvent = { kind: 'opened', startOffset: 0, endOffset: 0 }

/** Offsets 0, 1, 2, ... hold records 0, 1, 2, ... of life 0, two to an append. */
function acknowledged(count: number): WriterEvent[] {
  return Array.from({ length: count / 2 }, (_, at) => ({
    kind: 'acknowledged',
    ...{ baseOffset: at * 2, firstIndex: at * 2, count: 2 },
  }))
}

/** A log whose record at each offset has this index of life 0. */
function survivorsOf(indexes: readonly (number | undefined)[], startOffset = 0): Survivors {
  const identify = (index: number | undefined): Identity | undefined =>
    index === undefined ? undefined : { life: 0, index }
  const records = indexes.map((index, at) => ({ offset: startOffset + at, identity: identify(index) }))
  return { startOffset, endOffset: startOffset + indexes.length, records }
}

function kindsOf(history: History, survivors: Survivors): string[] {
  return compare(history, survivors).map(({ kind }) => kind)
}

describe('what was acknowledged', () => {
  const history = () => historyOf([opened, ...acknowledged(4)])

  test('may be all there is, or less than that', () => {
    expect(kindsOf(history(), survivorsOf([0, 1, 2, 3]))).toEqual([])
    expect(kindsOf(history(), survivorsOf([0, 1, 2, 3, 4, 7]))).toEqual([])
  })

  test('is lost when it is gone', () => {
    expect(kindsOf(history(), survivorsOf([0, 1, 2]))).toEqual(['lost'])
  })

  test('is reordered when it stands elsewhere', () => {
    expect(kindsOf(history(), survivorsOf([0, 2, 1, 3]))).toEqual(['reordered', 'reordered', 'reordered'])
  })

  test('is lost, and a stranger invented, when something else stands there', () => {
    expect(kindsOf(history(), survivorsOf([0, 1, 2, undefined]))).toEqual(['lost', 'invented'])
  })

  test('is invented when it is there twice', () => {
    expect(kindsOf(history(), survivorsOf([0, 1, 2, 3, 3]))).toEqual(['invented', 'reordered'])
  })

  test('leaves no hole', () => {
    const { records } = survivorsOf([0, 1, 2, 3, 4])
    const holed = { startOffset: 0, endOffset: 5, records: records.filter(({ offset }) => offset !== 3) }
    expect(kindsOf(history(), holed)).toEqual(['lost', 'damaged'])
    expect(kindsOf(history(), { ...survivorsOf([0, 1, 2, 3]), endOffset: 5 })).toEqual(['damaged'])
  })
})

describe('what was not promised to survive', () => {
  test('may go, and is counted', () => {
    const history = historyOf([opened, ...acknowledged(4)], Infinity)
    expect(kindsOf(history, survivorsOf([0]))).toEqual([])
    expect(history.shed.map(({ index }) => index)).toEqual([1, 2, 3])
  })

  test('must stay once it is old enough', () => {
    const history = historyOf([opened, ...acknowledged(4)], 2)
    expect(kindsOf(history, survivorsOf([0]))).toEqual(['lost'])
    expect(history.shed.map(({ index }) => index)).toEqual([2, 3])
  })

  test('grows no older while nobody has opened the log', () => {
    const history = historyOf([opened, ...acknowledged(2)], 10)
    history.begin(1)
    history.take({ kind: 'opening' }, 20)
    history.end(30)
    expect(kindsOf(history, survivorsOf([]))).toEqual([])
  })

  test('must stay once it was flushed, up to where the flush began', () => {
    const [first, second] = acknowledged(4) as [WriterEvent, WriterEvent]
    const events: WriterEvent[] = [opened, first, { kind: 'flushing' }, second, { kind: 'flushed' }]
    expect(kindsOf(historyOf(events, Infinity), survivorsOf([0, 1]))).toEqual([])
    expect(kindsOf(historyOf(events, Infinity), survivorsOf([0]))).toEqual(['lost'])
  })

  test('must stay once the log was closed, or recovered with it', () => {
    const events: WriterEvent[] = [opened, ...acknowledged(4)]
    expect(kindsOf(historyOf([...events, { kind: 'closed' }], Infinity), survivorsOf([0, 1, 2]))).toEqual([
      'lost',
    ])
    const history = historyOf(events, Infinity)
    history.begin(1)
    history.take({ kind: 'opened', startOffset: 0, endOffset: 3 }, 9)
    expect(history.shed.map(({ index }) => index)).toEqual([3])
    expect(kindsOf(history, survivorsOf([0, 1]))).toEqual(['lost'])
  })

  test('is lost when an opening finds it gone', () => {
    const history = historyOf([opened, ...acknowledged(4)])
    history.begin(1)
    history.take({ kind: 'opened', startOffset: 0, endOffset: 3 }, 9)
    expect(kindsOf(history, survivorsOf([0, 1, 2]))).toEqual(['lost'])
  })
})

describe('what was cut', () => {
  test('stays trimmed', () => {
    const history = historyOf([opened, ...acknowledged(4), { kind: 'trimmed', offset: 2 }])
    expect(kindsOf(history, survivorsOf([2, 3], 2))).toEqual([])
    expect(kindsOf(history, survivorsOf([0, 1, 2, 3]))).toEqual(['lost'])
    expect(kindsOf(history, survivorsOf([3], 3))).toEqual(['lost'])
  })

  test('may be trimmed or not while that is under way', () => {
    const history = historyOf([opened, ...acknowledged(4), { kind: 'trimming', offset: 2 }])
    expect(kindsOf(history, survivorsOf([2, 3], 2))).toEqual([])
    expect(kindsOf(history, survivorsOf([0, 1, 2, 3]))).toEqual([])
    expect(kindsOf(history, survivorsOf([3], 3))).toEqual(['lost'])
  })

  test('does not come back when it was truncated', () => {
    const truncating: WriterEvent = { kind: 'truncating', offset: 3 }
    const events: WriterEvent[] = [opened, ...acknowledged(4), truncating]
    expect(kindsOf(historyOf(events), survivorsOf([0, 1]))).toEqual([])
    expect(kindsOf(historyOf(events), survivorsOf([0, 1, 2, 3]))).toEqual([])
    const done = historyOf([...events, { kind: 'truncated', endOffset: 2 }])
    expect(kindsOf(done, survivorsOf([0, 1]))).toEqual([])
    expect(kindsOf(done, survivorsOf([0, 1, 2, 3]))).toEqual(['invented', 'invented'])
  })

  test('was never there when it was refused', () => {
    const history = historyOf([opened, ...acknowledged(4)])
    history.refuse(4, 1)
    expect(kindsOf(history, survivorsOf([0, 1, 2, 3, 4]))).toEqual(['invented'])
  })
})
