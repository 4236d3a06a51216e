import type { TestContext } from 'vitest'
import type { Env } from '../src/env/env.ts'
import type { Log } from '../src/log/log.ts'
import { openLog } from '../src/log/log.ts'
import type { LogOptions } from '../src/log/log-options.ts'
import { memoryEnv } from '../src/testing/memory-env.ts'
import { checkLog } from './check-whole-log.ts'

export { checkLog }

/** How a test log is opened. */
export interface TestLogOptions extends LogOptions {
  /** Where. Default `/log`, in memory. */
  readonly directory?: string
  /** The test leaves damage behind on purpose: the log is only closed at the end. Default false. */
  readonly leftDamaged?: boolean
}

/**
 * Opens a log, by default an empty one in memory, that is closed and fully checked when the test ends: it must open
 * again, as after a clean stop, every record must be readable, and `verify()` must find nothing. A world that was
 * killed or lost its power in the meantime holds nothing to check.
 */
export async function openTestLog(
  t: Pick<TestContext, 'onTestFinished'>,
  options: TestLogOptions = {},
): Promise<Log> {
  const { directory = '/log', leftDamaged = false, env = memoryEnv(), ...given } = options
  const log = await openLog(directory, { ...given, env })
  t.onTestFinished(async () => {
    if (leftDamaged) return log.close()
    if (isGone(env, directory)) return
    await log.close()
    await checkLog(directory, { ...given, env })
  })
  return log
}

/** Whether the world died: then every call is refused. */
function isGone(env: Env, directory: string): boolean {
  try {
    env.files.statSync(directory)
    return false
  } catch {
    return true
  }
}
