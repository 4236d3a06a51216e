import type { ClientLimitOptions } from '../../../src/client/cluster/client-options.ts'
import { ClusterClient } from '../../../src/client/cluster/cluster-client.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { type Answers, ScriptedTransport, twoBrokers } from './scripted-transport.ts'

/** A client of two brokers that are functions, on a clock that stands still; `version` caps what they serve. */
export function clientOf(answers: Answers, given: { version?: number; limits?: ClientLimitOptions } = {}) {
  const clock = new ManualClock()
  const env = memoryEnv({ seed: 1, clock })
  const transport = new ScriptedTransport(
    { Metadata: () => twoBrokers(), Heartbeat: () => ({ errorCode: 0 }), ...answers },
    given.version,
  )
  const { limits = {} } = given
  const client = new ClusterClient({ env, bootstrapServers: 'a:1, b:2', transport, limits })
  return { client, transport, clock }
}

/** Lets time pass until `promise` is settled. */
export async function settle<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  void promise
    .catch(() => undefined)
    .finally(() => {
      isSettled = true
    })
  for (let count = 0; count < 10_000 && !isSettled; count++) await clock.runFor(10)
  return await promise
}
