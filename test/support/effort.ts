const isLong: boolean = process.env['LONG'] === '1'
const longFactor = 15

/**
 * How hard the tests with random input try: few inputs, the same in every run, or with LONG=1
 * fifteen times as many, which differ from run to run.
 */
export const effort = {
  /** For a test that takes a few seconds in a normal run on an idle machine. */
  timeoutMs: (isLong ? 1_800_000 : 60_000) as number,

  /** A normal run's number of attempts, raised in a long one. */
  times(count: number): number {
    return isLong ? count * longFactor : count
  },

  /** Parameters of a property that is tried so often in a normal run. */
  property(runs: number): { readonly numRuns: number; readonly seed?: number } {
    return isLong ? { numRuns: runs * longFactor } : { numRuns: runs, seed: 20_260_101 }
  },

  /** Tells in a long run what was tried. */
  tell(text: string): void {
    if (isLong) process.stdout.write(`${text}\n`)
  },
}
