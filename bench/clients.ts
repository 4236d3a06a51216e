import { runSuites } from './run-suites.ts'
import { clientsSuite } from './suites/clients.ts'
import { clientsSoakSuite } from './suites/clients-soak.ts'

/** The clients: how fast they are, embedded and beside others, and whether their memory stays what it is. */
await runSuites([clientsSuite, clientsSoakSuite], process.argv.slice(2))
process.exit()
