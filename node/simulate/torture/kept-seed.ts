import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isKnownStep, type Plan } from './plan.ts'

/** A run that once failed, as it is kept in `test/seeds`: it must never fail again. */
export type KeptSeed = Plan & {
  /** What went wrong when it was found. */
  readonly found: string
}

/** Writes a failing plan to be kept, a step a line. */
export function keepSeed(file: string, plan: Plan, found: string): void {
  const { steps, ...rest } = plan
  const head = JSON.stringify({ found, ...rest }, null, 2).slice(0, -2)
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${head},\n  "steps": [\n${lines.join(',\n')}\n  ]\n}\n`)
}

/** Reads a kept plan. Steps of actions that there are no more are left out. */
export function readSeed(file: string): KeptSeed {
  const kept = JSON.parse(readFileSync(file, 'utf8')) as KeptSeed
  return { ...kept, steps: kept.steps.filter(isKnownStep) }
}
