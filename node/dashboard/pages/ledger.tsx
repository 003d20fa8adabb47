import type { VNode } from 'preact'
import type { Status } from '../answers.ts'

/** Ledger. */
export function LedgerPage({ status }: { readonly status: Status }): VNode {
  return <p>{status.name}</p>
}
