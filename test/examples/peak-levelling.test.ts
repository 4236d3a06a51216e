import { expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { runExample } from './run-example.ts'

/** A client produces three times faster than the consumer takes: the log holds the peak, and nothing else does. */

const sendCount = 9000
const bufferMemory = 1024 * 1024
/** What the consumer takes in a second: the first of these of which the machine can produce three times as much. */
const paces = [1000, 300, 100, 30]

test('nothing is lost, memory is bounded, the consumer keeps its pace, the lag is drained', async () => {
  const { consumedPerSecond, lines } = await levelPeak()
  const [lost, lag, buffered, memory] = lines.slice(-4).map(numbersIn)
  expect(lost).toEqual([0, 0, sendCount])

  const [, peakLagMiB = 0, lastLag] = lag ?? []
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

/** What the example says at the first pace at which there is a peak: two thirds of what is sent, 6000 records and 57 MiB. */
async function levelPeak() {
  for (const consumedPerSecond of paces) {
    const seconds = sendCount / (3 * consumedPerSecond)
    const args = [temporaryDirectory(), String(seconds), String(consumedPerSecond)]
    const lines = await runExample('peak-levelling.mjs', args, ['--expose-gc'])
    const [peakLag = 0] = numbersIn(lines.at(-3) ?? '')
    if (peakLag > sendCount / 3) return { consumedPerSecond, lines }
  }
  throw new Error('at no pace was there a peak')
}

function numbersIn(line: string): number[] {
  return (line.match(/\d+(\.\d+)?/g) ?? []).map(Number)
}
