import type * as Fzstd from 'fzstd'
import { GrowingOutput } from './growing-output.ts'
import { requirePackage } from './require-package.ts'
import type { ExpandZstdFrame } from './zstd.ts'
import type { ZstdFrame } from './zstd-frame.ts'

/** The smallest window that holds a whole block, as the exponent of 2. */
const BLOCK_WINDOW_LOG = 17
/** A window descriptor is an exponent above 2^10 in the upper five bits, and eighths in the lower three. */
const WINDOW_LOG_BASE = 10

let fzstd: typeof Fzstd | undefined

/**
 * One frame by `fzstd`, block after block, so that the limit holds while it decodes: it has no notion of a limit
 * of its own. Nor has it one for the lengths inside a block: a block of 20 bytes made for the purpose keeps it busy
 * for a minute before it is found too long or, cut to the size of a block, taken. So it stands in for `node:zlib`
 * only where that has no zstd.
 */
export const expandByFzstd: ExpandZstdFrame = (frame, facts, maxBytes) => {
  const output = new GrowingOutput('zstd', maxBytes)
  output.expect(Math.max(facts.contentBytes, facts.outputBytesMin))
  fzstd ??= requirePackage<typeof Fzstd>('fzstd')
  const decompressor = new fzstd.Decompress((block) => output.append(block))
  decompressor.push(withTightWindow(frame, facts, maxBytes), true)
  return output.finish()
}

/**
 * `fzstd` allocates the window that the header asks for, and moves all of it after every block. Encoders that do
 * not know the size ahead ask for megabytes, whatever follows; no match reaches further back than the output
 * is long, so a copy of the frame that asks for no more than that reads the same.
 */
function withTightWindow(frame: Buffer, facts: ZstdFrame, maxBytes: number): Buffer {
  const neededBytes = Math.min(facts.outputBytesMax, maxBytes)
  const windowLog = Math.max(BLOCK_WINDOW_LOG, Math.ceil(Math.log2(neededBytes)))
  if (facts.windowPosition < 0 || 2 ** windowLog >= facts.windowBytes) return frame
  const copy = Buffer.from(frame)
  copy[facts.windowPosition - facts.start] = (windowLog - WINDOW_LOG_BASE) << 3
  return copy
}
