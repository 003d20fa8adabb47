import { createHash } from 'node:crypto'
import { bytesOfRecordId, type ChangesFrame, type RecordId } from '../../protocol/index.ts'
import type { Author } from './author.ts'

const dayMs = 86_400_000
/** Days after which a roof is measured anew: before its proof is stale. */
const renewalDays = 25
/** Charges a day: a week's, which is how long one lives, are just within what may be live. */
const chargesPerDay = 140
const lifetimeMs = 7 * dayMs - 1

/** A society's life with one roof: measured monthly, charged all day, nothing kept for long. */
export function energyHistory(
  author: Author,
  founding: RecordId,
  { begin, days }: { readonly begin: number; readonly days: number },
): readonly ChangesFrame[] {
  const frames: ChangesFrame[] = []
  const pool = { kind: 'pool.open', founding: bytesOfRecordId(founding) }
  frames.push(author.write('pool', [pool], begin + 1).frame)
  let proof: RecordId | undefined
  for (let day = 0; day < days; day++) {
    const morning = begin + 2 + day * dayMs
    if (proof === undefined || day % renewalDays === 0) {
      const measured = author.write('trust', [roofProof(morning, day)], morning)
      frames.push(measured.frame)
      proof = measured.ids[0] as RecordId
    }
    for (let hour = 0; hour < 14; hour++) {
      const charges = Array.from({ length: chargesPerDay / 14 }, () => charge(proof as RecordId))
      frames.push(author.write('pool', charges, morning + 1 + hour * 3_600_000).frame)
    }
  }
  return frames
}

/** Charges that are all alive, so many to a change. */
export function liveCharges(
  author: Author,
  founding: RecordId,
  count: number,
  begin: number,
): readonly ChangesFrame[] {
  const frames: ChangesFrame[] = []
  const pool = { kind: 'pool.open', founding: bytesOfRecordId(founding) }
  frames.push(author.write('pool', [pool], begin + 1).frame)
  const measured = author.write('trust', [roofProof(begin + 2, 0)], begin + 2)
  frames.push(measured.frame)
  const proof = measured.ids[0] as RecordId
  for (let done = 0; done < count; done++) {
    frames.push(author.write('pool', [charge(proof)], begin + 3 + done).frame)
  }
  return frames
}

function roofProof(
  time: number,
  day: number,
): Readonly<Record<string, string | number | Uint8Array>> {
  return {
    kind: 'energy.prove',
    source: 'solar:test:roof',
    measuredAt: time,
    method: 'test',
    assurance: 1,
    evidence: new Uint8Array(createHash('sha256').update(`roof on day ${day}`).digest()),
    rated: 100_000_000,
  }
}

function charge(proof: RecordId): Readonly<Record<string, string | number | Uint8Array>> {
  return {
    kind: 'atp.charge',
    amount: 1_000,
    proof: bytesOfRecordId(proof),
    lifetime: lifetimeMs,
  }
}
