import { configDefaults, defineConfig } from 'vitest/config'

/** `npm test`. What needs a JVM, root or minutes is in `test/real-world.config.ts`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      'test/interop/**/*.kafka.test.ts',
      'test/interop/clients/**',
      'test/torture/**',
    ],
    // What hangs is ended by it; a slow machine may take its time.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    coverage: { provider: 'v8', include: ['src/**', 'native-free/**'] },
  },
})
