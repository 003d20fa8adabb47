import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'

/** How many tests of a run passed and failed. */
type Tally = { readonly passed: number; readonly failed: number }

/** Tests without an end count as failed, and so does a file that failed outside of its tests. */
const tallyOf = (module: TestModule): Tally => {
  const states = [...module.children.allTests()].map((test) => test.result().state)
  const passed = states.filter((state) => state === 'passed').length
  const failed = states.filter((state) => state === 'failed' || state === 'pending').length
  return { passed, failed: failed === 0 && !module.ok() ? 1 : failed }
}

/**
 * Counts a run. Errors outside of any test count as failures, and so does a run that failed for
 * no reason to be seen in its tests: a run that is not green never shows `0 failed`.
 */
const tallyRun = (
  modules: readonly TestModule[],
  errorCount: number,
  reason: TestRunEndReason,
): Tally => {
  const tallies = modules.map(tallyOf)
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0)
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, errorCount)
  return { passed, failed: failed === 0 && reason !== 'passed' ? 1 : failed }
}

/** Reporter for vitest that ends the output with the plain line `N passed, M failed`. */
export const closingLine: Reporter = {
  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const { passed, failed } = tallyRun(modules, errors.length, reason)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  },
}
