import assert from 'node:assert/strict'
import type { ModelLog } from './model-log.ts'

/** What a crash must leave, at least and at most. */
export interface ExpectedLog {
  /** Everything that was submitted, in the order in which it was. Not to be changed. */
  readonly content: ModelLog
  /** The log ends here or later: what lies before is durable. */
  readonly endMin: number
  /** It does not start before this: a trim to there is durable. */
  readonly startMin: number
  /** Nor after this. */
  readonly startMax: number
}

/** The content of the log that a crash has left, if it may be one. */
export function adopt(
  { content, endMin, startMin, startMax }: ExpectedLog,
  { startOffset, endOffset }: { readonly startOffset: number; readonly endOffset: number },
): ModelLog {
  assert.ok(endOffset >= endMin, `ends at ${endOffset}, but what lies before ${endMin} was durable`)
  const endMax = Math.max(content.endOffset, startMax)
  assert.ok(endOffset <= endMax, `ends at ${endOffset}, after ${endMax}`)
  assert.ok(startOffset >= startMin, `starts at ${startOffset}, but was durably cut to ${startMin}`)
  assert.ok(startOffset <= startMax, `starts at ${startOffset}, after ${startMax}`)
  const left = content.fork()
  left.startOffset = startOffset
  left.truncate(endOffset)
  assert.equal(left.endOffset, endOffset, 'the log ends inside an append')
  return left
}
