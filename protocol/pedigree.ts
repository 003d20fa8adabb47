import { isHandedOverBy, type Certificate } from './acknowledgement.ts'
import { admitChange, emptyChain } from './change/admit.ts'
import { ByteReader, decoded, type Decoded } from './change/byte-reader.ts'
import { ByteWriter } from './change/byte-writer.ts'
import { decodeChange, peekChange } from './change/codec.ts'
import type { Fields, Operation, Scalar } from './change/types.ts'
import { readChangesFrame, writeChangesFrame, type ChangesFrame } from './frames.ts'
import { actorOf, documentName, type SocietyKey } from './identity.ts'
import { recordKinds } from './kinds/table.ts'
import { noChange, type Appointment } from './ledger/appointment.ts'
import { termMax } from './limits.ts'
import { changeMessage } from './statements.ts'

/** How a signature under a message is judged. */
type Verify = (signature: Uint8Array, message: Uint8Array, key: SocietyKey) => boolean

/** Fields of the records of a change, in order. */
function recordsIn(operations: readonly Operation[]): readonly Fields[] {
  const records: Map<string, Scalar>[] = []
  let record: number | undefined
  for (const { object, key, value } of operations) {
    if (value === undefined) continue
    if (record !== object) records.push(new Map())
    record = object
    records.at(-1)?.set(key, value)
  }
  return records
}

/** Values of the records of one kind in the first change of a frame, where they can be read. */
function valuesOf(frame: ChangesFrame, kind: string): readonly object[] {
  const bytes = frame.changes[0] ?? new Uint8Array()
  const peeked = peekChange(bytes)
  const change = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
  if (!change.ok) return []
  return recordsIn(change.value.operations).flatMap((fields) => {
    const reading = fields.get('kind') === kind ? recordKinds.get(kind)?.read(fields) : undefined
    return reading?.ok === true ? [reading.value] : []
  })
}

/** Whether a frame is a run of a society's trust document that it has signed. */
function isSignedRun(frame: ChangesFrame, society: SocietyKey, verify: Verify): boolean {
  const actor = actorOf('trust', society)
  let before: string | undefined
  for (const bytes of frame.changes) {
    const peeked = peekChange(bytes)
    if (!peeked.ok || peeked.value.header.actor !== actor || frame.actor !== actor) return false
    if (before !== undefined && peeked.value.header.previous !== before) return false
    before = peeked.value.hash
  }
  const last = peekChange(frame.changes.at(-1) ?? new Uint8Array())
  return last.ok && verify(frame.signature, changeMessage(last.value.hash), society)
}

/** Whether a frame begins with the first change of a document. */
function isFirst(frame: ChangesFrame, society: SocietyKey): boolean {
  const bytes = frame.changes[0] ?? new Uint8Array()
  const peeked = peekChange(bytes)
  const change = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
  if (!peeked.ok || !change.ok) return false
  const chain = emptyChain(actorOf('trust', society), documentName('trust', society))
  return admitChange(change.value, peeked.value.hash, chain).ok
}

type Amendment = {
  readonly witnesses: readonly SocietyKey[]
  readonly handover: Certificate | undefined
}

/**
 * The sets of witnesses of a society, oldest first, as its founding record and those who handed
 * over show by themselves; undefined where a frame does not lead from one to the next.
 */
export function appointmentsIn(
  pedigree: readonly ChangesFrame[],
  society: SocietyKey,
  verify: Verify,
): readonly Appointment[] | undefined {
  const [first, ...later] = pedigree
  if (first === undefined || !isSignedRun(first, society, verify) || !isFirst(first, society)) {
    return undefined
  }
  const founding = valuesOf(first, 'society.found')[0] as Amendment | undefined
  if (founding === undefined) return undefined
  let appointments: readonly Appointment[] = [
    { witnesses: founding.witnesses, seq: 0, hash: noChange },
  ]
  // The founding record's change may have amended it as well.
  for (const frame of [first, ...later]) {
    if (frame !== first && !isSignedRun(frame, society, verify)) return undefined
    const before = appointments
    appointments = appointedBy(frame, before, verify)
    if (frame !== first && appointments.length === before.length) return undefined
  }
  return appointments
}

/**
 * Sets of witnesses with those that the first change of a frame appoints, as the set before has
 * signed for; the frame's own signature is not looked at.
 */
export function appointedBy(
  frame: ChangesFrame,
  before: readonly Appointment[],
  verify: Verify,
): readonly Appointment[] {
  const appointments = [...before]
  for (const { witnesses, handover } of valuesOf(frame, 'society.amend') as Amendment[]) {
    const until = appointments.at(-1)?.witnesses ?? []
    if (handover?.term !== appointments.length) continue
    if (!isHandedOverBy(handover, witnesses, until, verify)) continue
    appointments.push({ witnesses, seq: handover.seq, hash: handover.hash })
  }
  return appointments
}

/** Whether the first change of a frame appoints witnesses. */
export function appoints(frame: ChangesFrame): boolean {
  const amendments = valuesOf(frame, 'society.amend') as Amendment[]
  return amendments.some(({ handover }) => handover !== undefined)
}

/** The bytes of a pedigree: count, frames. */
export function encodePedigree(pedigree: readonly ChangesFrame[]): Uint8Array {
  const writer = new ByteWriter(4_096)
  writer.unsigned(pedigree.length)
  for (const frame of pedigree) writeChangesFrame(writer, frame)
  return writer.copy()
}

/** Reads a pedigree; nothing in it is believed yet. */
export function decodePedigree(bytes: Uint8Array): Decoded<readonly ChangesFrame[]> {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const count = reader.unsigned(termMax + 1)
    const frames = Array.from({ length: count }, () => readChangesFrame(reader))
    reader.finish()
    return frames
  })
}
