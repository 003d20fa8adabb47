import { sha256 } from '@noble/hashes/sha2.js'
import { encodeChange, keyOfBytes, operationsFor, recordKinds } from '../../protocol/index.ts'
import { readRecord, type DocumentKind, type RecordId } from '../../protocol/index.ts'
import type { Actor, Code, Fields, Judged, SocietyKey } from '../../protocol/index.ts'
import { completionMessage, type Completion } from '../../protocol/index.ts'
import { hashesNamed, markerSignature, Misuse, Replica } from './ledger-replica.ts'

/** A change that was written, and all changes that must be there before it. */
export type Written = {
  readonly bytes: Uint8Array
  readonly hash: string
  readonly actor: Actor
  readonly needs: readonly string[]
  readonly fields: readonly Fields[]
  readonly records: readonly Judged[]
}

/** A record to be written: its kind and values as rules read them, or bare wire fields. */
export type Draft = readonly [kind: string, value: object] | Fields

/** Where and when a change is written, if not in the document of its first record and now. */
export type Writing = {
  readonly document?: DocumentKind
  readonly time?: number
  /** Takes the time as it is; otherwise it is never before the chain and what is named. */
  readonly exactly?: boolean
}

/** Noon of a summer's day, when every world begins. */
export const worldStart: number = Date.UTC(2026, 5, 21, 12)

/** A key by name; the same in every run. */
export function keyNamed(name: string): SocietyKey {
  return keyOfBytes(sha256(new TextEncoder().encode(name)))
}

/** Wire fields of a kind's values. */
export function fieldsOf(kind: string, value: object): Fields {
  const known = recordKinds.get(kind)
  if (known === undefined) throw new Misuse(`no kind ${kind}`)
  return known.write(value)
}

const isDraftOfKind = (draft: Draft): draft is readonly [string, object] => Array.isArray(draft)

/**
 * A few societies that write real changes into one replica that knows everything: bytes, hashes,
 * chains and verdicts are those of a network. Left out are the signatures around the changes, and
 * completions carry `markerSignature`.
 */
export class LedgerWorld {
  now: number = worldStart
  readonly societies: readonly SocietyKey[]
  readonly replica: Replica
  readonly written: Written[] = []

  constructor(societies: readonly SocietyKey[], replica: Replica = new Replica(societies)) {
    this.societies = societies
    this.replica = replica
  }

  /** An independent world in which the same has happened. */
  copy(): LedgerWorld {
    const copy = new LedgerWorld(this.societies, this.replica.copy())
    copy.now = this.now
    copy.written.push(...this.written)
    return copy
  }

  /** Writes a change of a society, dated as an honest node would date it. */
  write(by: SocietyKey, drafts: readonly Draft[], writing: Writing = {}): readonly Judged[] {
    const fields = drafts.map((draft) => (isDraftOfKind(draft) ? fieldsOf(...draft) : draft))
    const kind = recordKinds.get(String(fields[0]?.get('kind')))
    const document = writing.document ?? kind?.document ?? 'pool'
    const { chain } = this.replica.state(document, by)
    const { time = this.now, exactly = false } = writing
    const { bytes, hash } = encodeChange({
      actor: chain.actor,
      seq: chain.seq + 1,
      startOperation: chain.nextOperation,
      previous: chain.head,
      time: exactly ? time : Math.max(time, chain.time, this.#latestNamed(document, fields)),
      operations: operationsFor(fields, chain),
    })
    const needs = hashesNamed(this.replica.read(bytes))
    const records = this.replica.deliver(bytes)
    this.written.push({ bytes, hash, actor: chain.actor, needs, fields, records })
    return records
  }

  #latestNamed(document: DocumentKind, records: readonly Fields[]): number {
    const times = records.flatMap((fields) => {
      const read = readRecord(document, fields)
      return read.ok ? read.references.map(({ id }) => this.replica.records.get(id)?.time ?? 0) : []
    })
    return Math.max(0, ...times)
  }

  /** Writes one record of a society. */
  put(by: SocietyKey, kind: string, value: object, writing: Writing = {}): Judged {
    return this.write(by, [[kind, value]], writing)[0] as Judged
  }

  /** Writes one record that must be valid; gives its id. */
  valid(by: SocietyKey, kind: string, value: object): RecordId {
    const judged = this.put(by, kind, value)
    if (judged.fault !== null) throw new Misuse(`${kind}: ${judged.void}, ${judged.fault.message}`)
    return judged.id
  }

  /** Writes one record, valid or not; gives the code that voids it or null. */
  code(by: SocietyKey, kind: string, value: object): Code | null {
    return this.put(by, kind, value).void
  }
}

/** A completion's fields with the signatures of worker and beneficiary, or of others. */
export function completed(
  completion: Partial<Completion> & Pick<Completion, 'ticket' | 'worker' | 'beneficiary'>,
  signers: { readonly worker?: SocietyKey; readonly beneficiary?: SocietyKey } = {},
): object {
  const whole: Completion = {
    quality: 1_000_000,
    consumed: undefined,
    outputDigest: undefined,
    started: undefined,
    finished: undefined,
    ...completion,
  }
  const message = completionMessage(whole)
  const { worker, ...fields } = whole
  const workerSignature = markerSignature(message, signers.worker ?? worker)
  const signer = signers.beneficiary ?? whole.beneficiary
  return { ...fields, workerSignature, beneficiarySignature: markerSignature(message, signer) }
}
