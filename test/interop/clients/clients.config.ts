import { defineConfig } from 'vitest/config'
import CardReporter from './card-reporter.ts'

/**
 * `npm run test:clients`: Kafka's real clients against `tidemark serve`. Writes `docs/COMPATIBILITY.md`. A client whose
 * runtime is missing is skipped with the reason; `-t kafkajs` runs one of them.
 */
export default defineConfig({
  test: {
    include: ['test/interop/clients/*.client.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 900_000,
    pool: 'forks',
    fileParallelism: false,
    reporters: ['default', new CardReporter()],
  },
})
