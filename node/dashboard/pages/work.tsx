import type { VNode } from 'preact'
import type { Status } from '../answers.ts'

/** Work. */
export function WorkPage({ status }: { readonly status: Status }): VNode {
  return <p>{status.name}</p>
}
