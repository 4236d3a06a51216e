import type { Clock, Env, Random } from '../env/env.ts'
import { nodeClock } from '../env/node-clock.ts'
import { nodeRandom } from '../env/node-random.ts'
import { type CrashChooser, loseUnsynced } from './crash-chooser.ts'
import { MemoryFiles, type MemoryFilesOptions } from './memory-files.ts'
import { seededRandom } from './seeded-random.ts'

export interface MemoryEnvOptions extends MemoryFilesOptions {
  /** Makes the randomness repeatable. Default: the system's randomness. */
  readonly seed?: number
}

/** A whole world in memory: logs in it leave nothing on the disk, and can lose their power. */
export interface MemoryEnv extends Env {
  readonly files: MemoryFiles
  /**
   * Cuts the power of this world, whose files refuse every call from now on, and returns the one that boots
   * afterwards, with the same clock and randomness. By default the disk has lost all that was not synced.
   */
  crash(chooser?: CrashChooser): MemoryEnv
  /** Like {@link crash}, but only the process dies: all that was written is still there. */
  kill(): MemoryEnv
}

/** Creates a world in memory, by default with the real clock. Pass a `ManualClock` to control time. */
export function memoryEnv(options: MemoryEnvOptions = {}): MemoryEnv {
  const clock = options.clock ?? nodeClock()
  const random = options.seed === undefined ? nodeRandom() : seededRandom(options.seed)
  return around(new MemoryFiles({ ...options, clock }), clock, random)
}

function around(files: MemoryFiles, clock: Clock, random: Random): MemoryEnv {
  return {
    files,
    clock,
    random,
    crash: (chooser = loseUnsynced) => around(files.crash(chooser), clock, random),
    kill: () => around(files.kill(), clock, random),
  }
}
