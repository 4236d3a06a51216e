import { expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { runExample } from './run-example.ts'

/** A client produces three times faster than the consumer takes: the log holds the peak, and nothing else does. */

const sendCount = 9000
const consumedPerSecond = 1000
const bufferMemory = 1024 * 1024

test('nothing is lost, memory is bounded, the consumer keeps its pace, the lag is drained', async () => {
  const lines = await runExample('peak-levelling.mjs', [temporaryDirectory(), '3'], ['--expose-gc'])
  const [lost, lag, buffered, memory] = lines.slice(-4).map(numbersIn)
  expect(lost).toEqual([0, 0, sendCount])

  // On a computer that keeps the pace it is 6000 records, 57 MiB: two thirds of what was sent.
  const [peakLag = 0, peakLagMiB = 0, lastLag] = lag ?? []
  expect(peakLag).toBeGreaterThan(3000)
  expect(lastLag).toBe(0)

  const [bufferedBytes = 0, ofBytes] = buffered ?? []
  expect(bufferedBytes).toBeGreaterThan(0)
  expect(bufferedBytes).toBeLessThanOrEqual(bufferMemory)
  expect(ofBytes).toBe(bufferMemory)

  // What is under way takes memory, the lag does not.
  const [leastMiB = 0, mostMiB = Infinity] = memory ?? []
  expect(mostMiB - leastMiB).toBeLessThan(0.5 * peakLagMiB)

  // The consumer went its own pace all the time: neither hurried nor held up by the producer.
  const [seconds = 0] = numbersIn(lines.at(-5) ?? '')
  expect(sendCount / seconds).toBeLessThanOrEqual(consumedPerSecond * 1.05)
})

function numbersIn(line: string): number[] {
  return (line.match(/\d+(\.\d+)?/g) ?? []).map(Number)
}
