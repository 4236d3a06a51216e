import { runSuites } from './run-suites.ts'
import { appendSuite } from './suites/append.ts'
import { openSuite } from './suites/open.ts'
import { readSuite } from './suites/read.ts'
import { recoverySuite } from './suites/recovery.ts'
import { syncSuite } from './suites/sync.ts'

/** The engine against the bare system calls and its peers. */
await runSuites([appendSuite, syncSuite, readSuite, recoverySuite, openSuite], process.argv.slice(2))
