import type { Summary } from '../../node/simulate/torture/summary.ts'
import { lastJson, runProgram } from './program.ts'
import type { Row } from './row.ts'

/** Worlds of three to twelve societies on a virtual clock: what `npm run simulate` plays. */
export const simulation: Row = {
  name: 'simulation',
  proof: 'simulated worlds, every fault and lie, checked after each event',
  gates: { short: { seeds: 4 }, long: { seeds: 1_000 } },
  async run({ gate, isShort, tell }) {
    const hours = isShort ? '0.5' : '1'
    const args = ['scripts/torture.ts', '--seeds', String(gate['seeds']), '--hours', hours]
    const { code, stdout } = await runProgram([...args, '--json'], tell)
    const summary = lastJson(stdout) as Summary | undefined
    if (summary === undefined) return { figures: {}, faults: [`ended with ${code}: ${stdout}`] }
    const { seeds, violations, simulatedSeconds, events, records, agreedAfterMs } = summary
    const { simulatedSecondsPerSecond, eventsPerSecond } = summary
    const simulatedHours = Math.round(simulatedSeconds / 3_600)
    const speed = { simulatedSecondsPerSecond, eventsPerSecond }
    const agreedWithinMs = agreedAfterMs.worst
    return {
      figures: { seeds, violations, simulatedHours, events, records, agreedWithinMs, ...speed },
      faults: summary.failed.map(({ seed, failure }) => `seed ${seed}: ${failure}`),
    }
  },
}
