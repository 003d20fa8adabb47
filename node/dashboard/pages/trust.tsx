import type { VNode } from 'preact'
import type { Status } from '../answers.ts'

/** Trust. */
export function TrustPage({ status }: { readonly status: Status }): VNode {
  return <p>{status.name}</p>
}
