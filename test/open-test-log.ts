import { expect, type TestContext } from 'vitest'
import type { Env } from '../src/env/env.ts'
import type { Log } from '../src/log/log.ts'
import { openLog } from '../src/log/log.ts'
import type { LogOptions } from '../src/log/log-options.ts'
import { memoryEnv } from '../src/testing/memory-env.ts'

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

/** Opens the log in `directory`, reads all of it, verifies it, and closes it. */
export async function checkLog(directory: string, options: LogOptions = {}): Promise<void> {
  const { signal: _, ...lasting } = options
  await using log = await openLog(directory, lasting)
  let next = log.startOffset
  for await (const batch of log.readBatches()) {
    if (lasting.allowGaps !== true) expect(Math.max(batch.baseOffset, log.startOffset)).toBe(next)
    next = batch.nextOffset
    for (const record of batch.records()) expect(record.offset).toBeLessThan(next)
  }
  if (lasting.allowGaps !== true) expect(next).toBe(log.endOffset)
  const report = await log.verify()
  const problems = report.files
    .filter(({ verdict }) => verdict === 'damaged')
    .flatMap((each) => each.problems.map(({ reason }) => `${each.file}: ${reason}`))
  expect(problems.join('\n')).toBe('')
  expect(report.ok).toBe(true)
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
