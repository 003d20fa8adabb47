import { defineConfig } from 'vitest/config'
import { closingLine } from './test/support/closing-line.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Networks and processes take their time on a small machine; hanging has to end nevertheless.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A process per test file: native stores and sockets outlive a thread that is torn down.
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', closingLine],
  },
})
