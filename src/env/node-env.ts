import type { Env } from './env.ts'
import { nodeClock } from './node-clock.ts'
import { NodeFiles } from './node-files.ts'
import { nodeRandom } from './node-random.ts'

/** The real world: the disk, the clock and the randomness of the computer this process runs on. */
export function nodeEnv(): Env {
  return { files: new NodeFiles(), clock: nodeClock(), random: nodeRandom() }
}
