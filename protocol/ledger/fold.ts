import type { NumberedRecord } from '../change/admit.ts'
import type { Chain, ChangeHash } from '../change/types.ts'
import { fault, type Code, type Fault } from '../codes.ts'
import { recordId, type DocumentKind, type RecordId, type SocietyKey } from '../identity.ts'
import type { Judging, Reading, RecordKind, Reference } from '../kinds/kind.ts'
import { recordKinds } from '../kinds/table.ts'
import { advancePool } from './advance.ts'
import { assertConserved } from './conservation.ts'
import { decodeSignedHead, type HeadStatement } from '../statements.ts'
import type { Lookup, Outcome, Recorded } from './outcomes.ts'
import type { PoolState } from './pool-state.ts'
import { isOutOfReach } from './reach.ts'
import type { TrustState } from './trust-state.ts'

/** The state of a document of either kind. */
export type DocumentState = PoolState | TrustState

/** What became of one record of a change. */
export type Judged = Recorded & {
  /** What is wrong with a void record. */
  readonly fault: Fault | null
  /** Ids (or `id|other`) that the record ended. */
  readonly ended: readonly string[]
}

/** A change that fits its chain, read as far as its own fields go. */
export type ReadChange = {
  readonly document: DocumentKind
  readonly author: SocietyKey
  readonly hash: ChangeHash
  readonly time: number
  /** The chain with it. */
  readonly chain: Chain
  readonly records: readonly {
    readonly number: number
    readonly kind: string
    readonly reading: Read
  }[]
}

/** A record's kind and values, or why its own fields already void it. */
export type Read =
  | { readonly ok: false; readonly fault: Fault }
  | {
      readonly ok: true
      readonly kind: RecordKind
      readonly value: object
      readonly references: readonly Reference[]
    }

/** Reads a record's fields by its kind. */
export function readRecord(document: DocumentKind, fields: NumberedRecord['fields']): Read {
  const name = fields.get('kind')
  const kind = typeof name === 'string' ? recordKinds.get(name) : undefined
  if (kind === undefined || kind.document !== document) {
    const what = typeof name === 'string' ? `'${name.slice(0, 32)}'` : 'that'
    return { ok: false, fault: fault('malformed', `no kind ${what} in a ${document} document`) }
  }
  const reading: Reading = kind.read(fields)
  return reading.ok ? { ...reading, kind } : reading
}

/**
 * Reads every record of an admitted change. With `readings`, what `readRecord` made of the same
 * fields before is taken over.
 */
export function readChange(
  document: DocumentKind,
  author: SocietyKey,
  hash: ChangeHash,
  admitted: { readonly chain: Chain; readonly records: readonly NumberedRecord[] },
  readings?: readonly Read[],
): ReadChange {
  const records = admitted.records.map(({ number, fields }, place) => {
    const name = fields.get('kind')
    const kind = typeof name === 'string' ? name : ''
    return { number, kind, reading: readings?.[place] ?? readRecord(document, fields) }
  })
  return { document, author, hash, time: admitted.chain.time, chain: admitted.chain, records }
}

/** Every reference of a change's records: what must be fetched before it can be judged. */
export function referencesOfChange(change: Pick<ReadChange, 'records'>): readonly RecordId[] {
  return change.records.flatMap(({ reading }) =>
    reading.ok ? reading.references.map((reference) => reference.id) : [],
  )
}

/** The societies and workers whose keys a change's records say. */
export function societiesOfChange({
  records,
}: Pick<ReadChange, 'records'>): ReadonlySet<SocietyKey> {
  const said = new Set<SocietyKey>()
  for (const { reading } of records) {
    if (!reading.ok) continue
    const values = reading.value as { readonly [name: string]: unknown }
    for (const name of reading.kind.keyFields) {
      const value = values[name]
      if (typeof value === 'string') said.add(value as SocietyKey)
      else if (Array.isArray(value)) for (const key of value) said.add(key as SocietyKey)
    }
  }
  return said
}

/** Signed heads that a change's records carry: the changes they name must be there as well. */
export function headsOfChange(change: Pick<ReadChange, 'records'>): readonly HeadStatement[] {
  return change.records.flatMap(({ reading }) => {
    const bytes = reading.ok ? (reading.value as { readonly head?: unknown }).head : undefined
    const signed = bytes instanceof Uint8Array ? decodeSignedHead(bytes) : undefined
    return signed === undefined ? [] : [signed.head]
  })
}

/** Digests of evidence that a change's reports name: it must be there as well. */
export function digestsOfChange(change: ReadChange): readonly string[] {
  return change.records.flatMap(({ kind, reading }) => {
    const isReport = kind === 'equivocation.report' && reading.ok
    const digest = isReport ? (reading.value as { readonly digest?: string }).digest : undefined
    return digest === undefined ? [] : [digest]
  })
}

function referenceFault(read: Extract<Read, { ok: true }>, judging: Judging): Fault | null {
  for (const { name, id, names } of read.references) {
    const recorded = judging.lookup.record(id)
    const any = names.length === 0
    // First of all, for of a record so old not every node knows more than when it was.
    if (recorded !== undefined && isOutOfReach(recorded.kind, recorded.time, judging.time)) {
      return fault('expired', `${name} names a record that is too old to be named`, id)
    }
    if (recorded === undefined || (!any && recorded.void !== null)) {
      return fault('unknown-reference', `${name} names no valid record`, id)
    }
    if (!any && !names.includes(recorded.kind)) {
      return fault('unknown-reference', `${name} must name ${names.join(' or ')}`, id)
    }
  }
  const later = read.references.find(
    ({ id }) => (judging.lookup.record(id)?.time ?? 0) > judging.time,
  )
  return later === undefined
    ? null
    : fault('clock-backwards', `dated before the record that ${later.name} names`, later.id)
}

const foundingKinds: ReadonlySet<string> = new Set(['society.found', 'pool.open'])

/**
 * What is wrong with a record at its place, if anything, in the order: fields alone, what it names,
 * who may write it and the rest. Never changes the state.
 */
function faultOf(state: DocumentState, read: Read, judging: Judging): Fault | null {
  if (!read.ok) return read.fault
  const isEarly = state.founding === null && !foundingKinds.has(read.kind.kind)
  return (
    read.kind.shape(read.value, judging.author) ??
    (isEarly ? fault('unknown-reference', 'the society is not founded yet') : null) ??
    referenceFault(read, judging) ??
    read.kind.check(state, read.value, judging)
  )
}

/**
 * Judges the records of a change one after the other and folds the valid ones into the state, which
 * is changed in place. Pure otherwise: the same state, change and lookup give the same on any node.
 * With `verdicts`, those of an earlier judgement are taken over instead of judging again.
 */
export function foldChange(
  state: DocumentState,
  change: ReadChange,
  lookup: Lookup,
  verdicts?: readonly (Code | null)[],
): readonly Judged[] {
  const ends = new Map<string, RecordId>()
  if ('lots' in state) advancePool(state, change.time)
  else state.time = change.time
  const judged = change.records.map(({ number, kind, reading }, place): Judged => {
    const id = recordId(change.hash, place)
    const ended: string[] = []
    const judging: Judging = {
      author: change.author,
      id,
      number,
      time: change.time,
      lookup,
      ended: (other) => ends.has(other) || lookup.endOf(change.author, other) !== undefined,
      end: (other) => {
        ends.set(other, id)
        ended.push(other)
      },
    }
    const known = verdicts?.[place]
    const wrong =
      known === undefined
        ? faultOf(state, reading, judging)
        : known === null
          ? null
          : fault(known, 'judged before')
    let outcome: Outcome | null = null
    if (wrong === null && reading.ok) {
      outcome = reading.kind.apply(state, reading.value, judging)
      if ('lots' in state) assertConserved(state)
    }
    const { author, document, time, chain } = change
    const { seq } = chain
    const code = wrong?.code ?? null
    return { id, author, document, seq, time, kind, void: code, outcome, fault: wrong, ended }
  })
  state.chain = change.chain
  return judged
}

/** Last expiry of what the society holds borrowed; 0 where it holds nothing. */
export function borrowedUntil(state: PoolState): number {
  if (state.borrowed === 0) return 0
  let until = 0
  for (const lot of state.lots.values()) {
    if (lot.via !== null) until = Math.max(until, lot.expiresAt)
  }
  return until
}
