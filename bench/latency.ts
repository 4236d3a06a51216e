import { runSuites } from './run-suites.ts'
import { latencySuite } from './suites/latency.ts'
import { stallSuite } from './suites/stall.ts'

/** How long appends take, and how long the event loop keeps others waiting meanwhile. */
await runSuites([latencySuite, stallSuite], process.argv.slice(2))
