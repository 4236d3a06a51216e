import { channel } from 'node:diagnostics_channel'

/**
 * What the engine tells whoever listens, through `node:diagnostics_channel`; without a subscriber nothing is
 * built or sent. Metrics and logs subscribe, so that the engine depends on neither.
 *
 * - `tidemark:log:append`   { directory, baseOffset, nextOffset, batches, bytes }  one vectored write
 * - `tidemark:log:flush`    { directory, files }                                   one sync
 * - `tidemark:log:roll`     { directory, baseOffset }                              a new segment
 * - `tidemark:log:recover`  { directory, report }                                  a log was opened
 * - `tidemark:log:retain`   { directory, baseOffset, reason, bytes }               a segment was deleted
 * - `tidemark:log:compact`  { directory, report }                                  a pass of compaction has ended
 * - `tidemark:log:damage`   { directory, error }                                   damage was found while reading
 */
export const channels = {
  append: channel('tidemark:log:append'),
  flush: channel('tidemark:log:flush'),
  roll: channel('tidemark:log:roll'),
  recover: channel('tidemark:log:recover'),
  retain: channel('tidemark:log:retain'),
  compact: channel('tidemark:log:compact'),
  damage: channel('tidemark:log:damage'),
} as const
