import type { VNode } from 'preact'
import type { Status } from '../answers.ts'

/** Health. */
export function HealthPage({ status }: { readonly status: Status }): VNode {
  return <p>{status.name}</p>
}
