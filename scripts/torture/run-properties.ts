/** Runs the suites given with the tests' own configuration, and counts every run of a property. */
import { startVitest } from 'vitest/node'

const setupFiles = ['scripts/torture/count-runs.ts']
const vitest = await startVitest('test', process.argv.slice(2), { watch: false, setupFiles })
await vitest.close()
