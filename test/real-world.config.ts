import { defineConfig } from 'vitest/config'

/**
 * `npm run test:real`: real processes killed, a real disk that fills up or loses its power. What a machine lacks (root,
 * loop mounts) is skipped with the reason. One file at a time: they measure what happens on the disk.
 */
export default defineConfig({
  test: {
    include: ['test/torture/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
