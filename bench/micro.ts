import { runSuites } from './run-suites.ts'
import { batchSuite } from './suites/batch.ts'
import { checksumSuite } from './suites/checksum.ts'
import { compressionSuite } from './suites/compression.ts'
import { wireSuite } from './suites/wire.ts'

/** The parts, by Benchmark.js. */
await runSuites([checksumSuite, compressionSuite, batchSuite, wireSuite], process.argv.slice(2))
