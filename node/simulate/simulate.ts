import { Failure } from '../../src/index.ts'
import { createVerifier } from '../keys/zip215-verifier.ts'
import { createLog } from '../log.ts'
import { parseScenario } from './scenario-file.ts'
import { runScenario, type RunParts, type StepResult } from './scenario.ts'

/** What playing files came to; steps are counted. */
export type SimulateResult = {
  readonly passed: number
  readonly failed: number
  readonly scenarios: readonly {
    readonly file: string
    readonly title: string
    readonly steps: readonly StepResult[]
  }[]
}

/** Plays a file; one that is none, or cannot begin, fails as a step would and stops no other. */
async function play(
  file: string,
  text: string,
  parts: RunParts,
  say: (line: string) => void,
): Promise<{ readonly title: string; readonly steps: readonly StepResult[] }> {
  let title = ''
  try {
    const scenario = parseScenario(text, file)
    title = scenario.title
    say(`${file}: ${title}`)
    return { title, steps: await runScenario(scenario, parts) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (title === '') say(file)
    const detail = `${error.code}: ${error.message}`
    return { title, steps: [{ line: 1, text: 'begin', ok: false, detail }] }
  }
}

/** Plays scenario files one after the other, a line a step unless `json`. */
export async function simulateFiles(
  files: readonly { readonly file: string; readonly text: string }[],
  options: { readonly seed: number | null; readonly trace: boolean; readonly json: boolean },
): Promise<SimulateResult> {
  const say = (line: string): void => {
    if (!options.json) process.stdout.write(`${line}\n`)
  }
  const scenarios: SimulateResult['scenarios'][number][] = []
  const verifier = createVerifier()
  const log = createLog(options.trace ? 'debug' : 'error')
  for (const { file, text } of files) {
    const { title, steps } = await play(file, text, { verifier, log, seed: options.seed }, say)
    for (const { line, text: what, ok, detail } of steps) {
      say(`  ${ok ? 'ok  ' : 'FAIL'} ${line}: ${what}${ok ? '' : `\n       ${detail}`}`)
    }
    scenarios.push({ file, title, steps })
  }
  const all = scenarios.flatMap(({ steps }) => steps)
  const passed = all.filter(({ ok }) => ok).length
  return { passed, failed: all.length - passed, scenarios }
}
