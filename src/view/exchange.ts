import type { DocumentKind, SocietyKey } from '../../protocol/index.ts'
import type { Heads } from '../heads.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { HeldByPeer } from '../sync/driver.ts'

/** How far two nodes have each other's documents; each a number of changes. */
export type ExchangeView = {
  /** What is held here of the other society, and what its newest signed heads say there is. */
  readonly theirs: {
    readonly trust: number
    readonly pool: number
    readonly trustSaid: number
    readonly poolSaid: number
  }
  /** What the other node said that it holds of this society; null until it has. */
  readonly ours: { readonly trust: number; readonly pool: number; readonly at: string } | null
}

/** How far this node and one of another society have each other's documents. */
export function viewExchange(
  { held }: Ledger,
  heads: Heads,
  society: SocietyKey,
  said: HeldByPeer | undefined,
): ExchangeView {
  const here = (kind: DocumentKind): number => held.state(kind, society).chain.seq
  // A head that is older than what is held says nothing new.
  const there = (kind: DocumentKind): number =>
    Math.max(here(kind), heads.newest(kind, society)?.head.seq ?? 0)
  return {
    theirs: {
      trust: here('trust'),
      pool: here('pool'),
      trustSaid: there('trust'),
      poolSaid: there('pool'),
    },
    ours: said === undefined ? null : { ...said, at: new Date(said.at).toISOString() },
  }
}
