import { signal, type Signal } from '@preact/signals'
import { ask } from './client.ts'
import { admission } from './session.ts'

/** How far the node's clock is ahead of this browser's, in ms: a test federation's may be days. */
const aheadMs: Signal<number> = signal(0)

/** What the time is at the node, in ms since 1970; what shows it is shown anew when it leaps. */
export const nodeNow = (): number => Date.now() + aheadMs.value

/** Asks the node for the time, where this page is admitted. */
export async function followClock(): Promise<void> {
  if (admission.value.state !== 'in') return
  const answer = await ask<{ readonly time: string }>('GET', '/v1/clock')
  if (answer.ok) aheadMs.value = Date.parse(answer.value.time) - Date.now()
}
