import { defineConfig } from 'vitest/config'

/**
 * `npm run test:kafka`: everything that needs a real Apache Kafka. Without a JDK, or without Maven to fetch Kafka's jars,
 * it is skipped with the reason. One file at a time: each keeps a JVM and us busy.
 */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.kafka.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
