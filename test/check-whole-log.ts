import assert from 'node:assert/strict'
import { openLog } from '../src/log/log.ts'
import type { LogOptions } from '../src/log/log-options.ts'

/**
 * Opens the log in `directory`, reads all of it, verifies it, and closes it. Throws an error of `node:assert` where it
 * does not hold together. Needs no test runner.
 */
export async function checkLog(directory: string, options: LogOptions = {}): Promise<void> {
  const { signal: _, ...lasting } = options
  await using log = await openLog(directory, lasting)
  let next = log.startOffset
  for await (const batch of log.readBatches()) {
    if (lasting.allowGaps !== true) assert.equal(Math.max(batch.baseOffset, log.startOffset), next)
    next = batch.nextOffset
    for (const record of batch.records()) assert.ok(record.offset < next)
  }
  if (lasting.allowGaps !== true) assert.equal(next, log.endOffset)
  const report = await log.verify()
  const problems = report.files
    .filter(({ verdict }) => verdict === 'damaged')
    .flatMap((each) => each.problems.map(({ reason }) => `${each.file}: ${reason}`))
  assert.equal(problems.join('\n'), '')
  assert.equal(report.ok, true)
}
