import { memoryEnv } from '../../src/testing/memory-env.ts'
import { contract } from './contract.ts'
import { inProcessCluster } from './in-process.ts'

contract({
  name: 'memory',
  start: (config) => inProcessCluster(memoryEnv({ crashable: false }), '/tidemark', config),
})
