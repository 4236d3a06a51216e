import { ClusterClient } from '../../src/client/cluster/cluster-client.ts'
import { openEmbedded } from '../../src/embedded/embedded-broker.ts'
import { InProcessTransport } from '../../src/embedded/in-process-transport.ts'
import { Tidemark } from '../../src/embedded/tidemark.ts'
import type { Env } from '../../src/env/env.ts'
import type { ClusterConfig, RunningCluster } from './world.ts'

/** A broker of this process, and any number of clients beside each other that call its handlers. */
export async function inProcessCluster(
  env: Env,
  directory: string,
  config: ClusterConfig,
): Promise<RunningCluster> {
  const warnings: string[] = []
  const onWarning = (message: string, error?: unknown) => warnings.push(`${message}: ${String(error)}`)
  const given = { clientId: 'contract', limits: {}, listen: undefined, onProgress: () => {}, onWarning }
  const backend = await openEmbedded({ ...given, env, config, directories: [directory] })
  const { broker } = backend
  return {
    async open() {
      const transport = new InProcessTransport({ broker, onFailure: onWarning })
      const client = new ClusterClient({ env, bootstrapServers: 'anywhere', transport })
      return Tidemark.over({ client, bootstrap: undefined, close: async () => transport.close() })
    },
    async stop() {
      backend.client.close()
      await backend.close()
      // A handler that throws what it should not would be taken for an answer otherwise.
      if (warnings.length > 0) throw new Error(warnings.join('\n'))
    },
  }
}
