import type { VNode } from 'preact'
import type { Status } from '../answers.ts'

/** Trade. */
export function TradePage({ status }: { readonly status: Status }): VNode {
  return <p>{status.name}</p>
}
