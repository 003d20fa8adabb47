import type { Store } from '../ports.ts'
import type { Breathe } from '../turns.ts'
import type { Batch } from './batch.ts'
import type { DocumentsHeld } from './documents-held.ts'
import { milestoneWrite } from './milestones.ts'
import { snapshotWrite, type SnapshotsDue } from './snapshots.ts'

/** What writing states needs of the node. */
export type WriteStatesParts = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly breathe: Breathe
  readonly due: SnapshotsDue
}

/**
 * Writes the snapshots that a batch has made due and the milestones that it passed, once what they
 * follow from is on disk; in turns, for a state may be large. Must not run while anything is being
 * folded.
 */
export async function writeStates(
  { store, held, breathe, due }: WriteStatesParts,
  { snapshots, milestones }: Pick<Batch, 'snapshots' | 'milestones'>,
): Promise<void> {
  for (const actor of snapshots) {
    const state = held.ofActor(actor)
    if (state !== undefined)
      await store.write([await snapshotWrite(state, breathe)], { sync: false })
    due.done(actor)
  }
  for (const { number, state } of milestones.values()) {
    await store.write([await milestoneWrite(number, state, breathe)], { sync: false })
  }
}
