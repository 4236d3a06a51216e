import { nodeEnv } from '../../src/env/node-env.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { contract } from './contract.ts'
import { inProcessCluster } from './in-process.ts'

contract({
  name: 'a data directory of this process',
  start: (config) => inProcessCluster(nodeEnv(), temporaryDirectory(), config),
})
