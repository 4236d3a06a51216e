import { Tidemark } from '../../src/embedded/tidemark.ts'
import { startTestCluster } from '../../src/testing/start-test-cluster.ts'
import { contract } from './contract.ts'

contract({
  name: 'a server of ours over TCP',
  async start(config) {
    const cluster = await startTestCluster({ config })
    return { open: () => Tidemark.connect(cluster.bootstrap), stop: () => cluster.close() }
  },
})
