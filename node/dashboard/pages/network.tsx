import type { VNode } from 'preact'
import type { Status } from '../answers.ts'

/** Network. */
export function NetworkPage({ status }: { readonly status: Status }): VNode {
  return <p>{status.name}</p>
}
