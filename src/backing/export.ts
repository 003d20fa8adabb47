import {
  backingBytesMax,
  datedAheadMsMax,
  encodeBackingFile,
  type Actor,
  type SignedHead,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Heads } from '../heads.ts'
import type { Forks } from '../ledger/forks.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { exportTriesMax } from '../limits.ts'
import type { Membership } from '../membership/membership.ts'
import type { Clock, Store } from '../ports.ts'
import { viewBacking, type BackingParts, type BackingView } from '../view/backing.ts'
import { Collector, type BackingAbout } from './collector.ts'
import { documentsOf, partiesOf } from './parties.ts'
import { voucherOf, type Voucher } from './vouched-run.ts'

/** What exporting an answer needs of the node. */
export type ExportParts = {
  readonly backing: BackingParts
  readonly ledger: Ledger
  readonly store: Store
  readonly clock: Clock
  readonly heads: Pick<Heads, 'ofActor'>
  readonly membership: () => Membership
  /** As the operator set it: whether whoever joins the federation is a member. */
  readonly open: boolean
}

/** An answer about backing and the content of the file from which anybody finds it again. */
export type ExportedBacking = { readonly view: BackingView; readonly content: Uint8Array }

/** Everything that an answer depends on, as it was when the answer was found. */
type Captured = {
  readonly view: BackingView
  readonly about: BackingAbout
  /** How far each document went. */
  readonly ends: ReadonlyMap<Actor, number>
  /** Documents that the answer read whole, and what vouches for them. */
  readonly whole: ReadonlyMap<Actor, Voucher | undefined>
  /** Which documents had ended, and where. */
  readonly forked: string
  readonly heads: readonly SignedHead[]
}

const forkedNow = (forks: Forks): string =>
  forks
    .entries()
    .map(([actor, { place }]) => `${actor} ${place}`)
    .join()

/** Before this instant the pipeline would let something that is held wait: a clock was set back. */
function earliestBelievable({ ledger, heads }: ExportParts): number {
  let latest = 0
  for (const { chain } of [...ledger.held.trusts(), ...ledger.held.pools()]) {
    latest = Math.max(latest, chain.time, heads.ofActor(chain.actor)?.head.time ?? 0)
  }
  return latest - datedAheadMsMax
}

async function capture(parts: ExportParts, society: SocietyKey): Promise<Captured> {
  const { backing, store, clock, ledger, heads } = parts
  const { held, claims, viewer, forks } = backing
  const at = Math.max(clock.now(), earliestBelievable(parts))
  const membership = parts.membership()
  const { view, found } = await viewBacking(backing, society, at)
  const parties = partiesOf({ held, claims, membership }, viewer, society, found)
  const ends = new Map(ledger.held.frontier().map(({ actor, seq }) => [actor, seq]))
  const whole = new Map<Actor, Voucher | undefined>()
  const signed: SignedHead[] = []
  for (const actor of documentsOf(parties)) {
    const end = ends.get(actor)
    if (end === undefined) continue
    const notAfter = forks.of(actor) === undefined ? end : Infinity
    whole.set(actor, await voucherOf(store, actor, end, notAfter))
    const head = heads.ofActor(actor)
    // One behind the newest change would tell nothing that the change does not.
    if (head !== undefined && head.head.hash === held.ofActor(actor)?.chain.head) signed.push(head)
  }
  const roots = [...membership.roots].filter((root) => root !== viewer && parties.trusts.has(root))
  const { federation } = backing
  const { open } = parts
  const about = { at, viewer, federation, open, society, roots }
  return { view, about, ends, whole, forked: forkedNow(forks), heads: signed }
}

/** Captures between two writes: nothing is being folded meanwhile. */
async function captureWhole(parts: ExportParts, society: SocietyKey): Promise<Captured> {
  let captured: Captured | undefined
  let failed: unknown
  await parts.ledger.exclusively(async () => {
    // What goes wrong with a question must not stop the ledger.
    try {
      captured = await capture(parts, society)
    } catch (error) {
      failed = error
    }
  })
  if (captured === undefined) throw failed
  return captured
}

async function exportOnce(parts: ExportParts, society: SocietyKey): Promise<ExportedBacking> {
  const { store, backing } = parts
  const { index, forks, certificates } = backing
  const { view, about, ends, whole, forked, heads } = await captureWhole(parts, society)
  const endOf = (actor: Actor): number => ends.get(actor) ?? 0
  const collector = new Collector({ store, index, forks, certificates, endOf })
  for (const [actor, voucher] of whole) await collector.add(actor, endOf(actor), voucher)
  const content = encodeBackingFile(await collector.finish(about, heads))
  if (forkedNow(forks) !== forked) {
    throw new Failure('rate-limited', 'a liar was found out meanwhile; try again')
  }
  if (content.length > backingBytesMax) {
    throw new Failure('too-large', `the answer takes more than ${backingBytesMax} bytes to show`)
  }
  return { view, content }
}

/**
 * The backing of a society with all that it follows from. Fails with `too-large`; with
 * `rate-limited` where the node's documents change faster than they are collected.
 */
export async function exportBacking(
  parts: ExportParts,
  society: SocietyKey,
): Promise<ExportedBacking> {
  for (let tries = 1; ; tries++) {
    try {
      return await exportOnce(parts, society)
    } catch (error) {
      const isMoved = error instanceof Failure && error.code === 'rate-limited'
      if (!isMoved || tries === exportTriesMax) throw error
    }
  }
}
