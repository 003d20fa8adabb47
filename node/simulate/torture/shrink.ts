import type { Verifier } from '../../../src/index.ts'
import type { Plan, Step } from './plan.ts'
import { runPlan, type Outcome } from './run.ts'

/** A plan that fails, as small as it could be made, and how it fails. */
export type Shrunk = { readonly plan: Plan; readonly outcome: Outcome; readonly runs: number }

const hourMs = 3_600_000

/** What a failure is about, without its names and numbers: `P3`, or its first words. */
function kindOf(failure: string | null): string | null {
  return failure === null
    ? null
    : (/^P\d/.exec(failure)?.[0] ?? failure.replaceAll(/[^a-z ]/g, '').slice(0, 40))
}

/**
 * Makes a failing plan smaller: leaves out what comes after the failure, then halves, quarters and
 * so on of the steps, as long as what is left fails in the same way. At most `runsMax` runs.
 */
export async function shrinkPlan(
  plan: Plan,
  outcome: Outcome,
  verifier: () => Verifier,
  runsMax = 150,
): Promise<Shrunk> {
  const wanted = kindOf(outcome.failure)
  let best = { plan, outcome }
  const effort = { runs: 0 }
  const isSpent = (): boolean => effort.runs >= runsMax
  const attempt = async (candidate: Plan): Promise<boolean> => {
    effort.runs += 1
    const found = await runPlan(candidate, verifier())
    if (kindOf(found.failure) !== wanted) return false
    best = { plan: candidate, outcome: found }
    return true
  }
  const endMs = (outcome.failedAt ?? plan.hours * hourMs) + 1
  const early = plan.steps.filter(({ at }) => at <= endMs)
  await attempt({ ...plan, steps: early, hours: Math.min(plan.hours, endMs / hourMs) })
  let size = Math.ceil(best.plan.steps.length / 2)
  while (size >= 1 && !isSpent()) {
    for (let at = 0; at < best.plan.steps.length && !isSpent();) {
      const { steps } = best.plan
      const without: readonly Step[] = [...steps.slice(0, at), ...steps.slice(at + size)]
      const isSmaller = await attempt({ ...best.plan, steps: without })
      if (!isSmaller) at += size
    }
    size = size === 1 ? 0 : Math.ceil(size / 2)
  }
  return { ...best, runs: effort.runs }
}
