import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ledger.ts'
import { lastJson, runProgram } from './program.ts'
import type { Row } from './row.ts'

const program = 'scripts/planted-faults.ts'

/** Single faults put into the code, one at a time: what `npm run planted` does. */
export const planted: Row = {
  name: 'planted',
  proof: 'single faults put into the code one at a time, every one caught',
  gates: { short: { planted: 1 }, long: { planted: 30 } },
  async run({ isShort, tell }) {
    if (!existsSync(join(root, program))) {
      return { figures: {}, faults: [`${program} is not there: nothing was planted`] }
    }
    const only = isShort ? ['--only', 'frames.ts'] : []
    const { code, stdout } = await runProgram([program, '--json', ...only], tell)
    const told = lastJson(stdout) as { results?: readonly Told[] } | undefined
    const results = told?.results
    if (results === undefined) return { figures: {}, faults: [`ended with ${code}: ${stdout}`] }
    const survivors = results.filter(({ verdict }) => verdict.type !== 'red')
    return {
      figures: { planted: results.length, caught: results.length - survivors.length },
      faults: survivors.map(({ fault }) => `not caught: ${fault.name}`),
    }
  },
}

type Told = {
  readonly fault: { readonly name: string }
  readonly verdict: { readonly type: string }
}
