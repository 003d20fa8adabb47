import type { Fields } from '../change/types.ts'
import type { Fault } from '../codes.ts'
import type { DocumentKind, RecordId, SocietyKey } from '../identity.ts'
import type { Lookup, Outcome, OutcomeOf, Recorded } from '../ledger/outcomes.ts'
import type { PoolState } from '../ledger/pool-state.ts'
import type { TrustState } from '../ledger/trust-state.ts'
import { readFields, referencesOf, fieldsWriter, type Parsed, type Schema } from './schema.ts'

/** What a rule may know besides the state: the record's place, and the records it names. */
export type Judging = {
  readonly author: SocietyKey
  readonly id: RecordId
  /** The record's running number in its document. */
  readonly number: number
  readonly time: number
  readonly lookup: Lookup
  /** The record by which the author ended `id` before this one, in this change or an earlier. */
  ended(id: string): boolean
  /** Notes that this record ends, claims or decides `id`. */
  end(id: string): void
}

/** A reference of a record and the kinds it may name. */
export type Reference = {
  readonly name: string
  readonly id: RecordId
  readonly names: readonly string[]
}

/** Fields read: the values, or the fault. */
export type Reading =
  | { readonly ok: true; readonly value: object; readonly references: readonly Reference[] }
  | { readonly ok: false; readonly fault: Fault }

/** A kind of record: its fields, when it is valid, what it does. Only `apply` changes the state. */
export type RecordKind = {
  readonly kind: string
  readonly document: DocumentKind
  /** Its fields in the order in which they are read. */
  readonly schema: Schema
  /** Names of the fields that hold keys of societies and workers. */
  readonly keyFields: readonly string[]
  read(fields: Fields): Reading
  /** What is wrong with the values by themselves, before anything that they name. */
  shape(value: object, author: SocietyKey): Fault | null
  /** Wire fields of values; throws nothing, what it writes is checked by `read`. */
  write(value: object): Fields
  check(state: PoolState | TrustState, value: object, judging: Judging): Fault | null
  /** Changes the state; only after `check` found no fault. */
  apply(state: PoolState | TrustState, value: object, judging: Judging): Outcome | null
}

/** The rules of one kind over its values and its document's state. */
export type Rules<State, Value> = {
  shape?(value: Value, author: SocietyKey): Fault | null
  check(state: State, value: Value, judging: Judging): Fault | null
  apply(state: State, value: Value, judging: Judging): Outcome | null
}

function kindOf<State, S extends Schema>(
  kind: string,
  document: DocumentKind,
  schema: S,
  rules: Rules<State, Parsed<S>>,
): RecordKind {
  const list = Object.entries(schema)
  const write = fieldsWriter(kind, list)
  const keyFields = list.flatMap(([name, { isKey }]) => (isKey === true ? [name] : []))
  return {
    kind,
    document,
    schema,
    keyFields,
    read: (fields) => {
      const read = readFields<S>(list, fields)
      if (!read.ok) return read
      return { ...read, references: referencesOf(list, read.value) }
    },
    shape: (value, author) => rules.shape?.(value as Parsed<S>, author) ?? null,
    write: (value) => write(value as Readonly<Record<string, unknown>>),
    check: (state, value, judging) => rules.check(state as State, value as Parsed<S>, judging),
    apply: (state, value, judging) => rules.apply(state as State, value as Parsed<S>, judging),
  }
}

/** A kind of record in `trust` documents. */
export function trustKind<S extends Schema>(
  kind: string,
  schema: S,
  rules: Rules<TrustState, Parsed<S>>,
): RecordKind {
  return kindOf(kind, 'trust', schema, rules)
}

/** A kind of record in `pool` documents. */
export function poolKind<S extends Schema>(
  kind: string,
  schema: S,
  rules: Rules<PoolState, Parsed<S>>,
): RecordKind {
  return kindOf(kind, 'pool', schema, rules)
}

/** A named record with its outcome of a type. That it exists and is valid was checked before. */
export function named<T extends Outcome['type']>(
  judging: Judging,
  id: RecordId,
  type: T,
): Recorded & { readonly outcome: OutcomeOf<T> } {
  const recorded = judging.lookup.record(id)
  if (recorded === undefined || recorded.outcome?.type !== type) {
    throw new Error(`assertion: ${id} was not fetched as ${type}`)
  }
  return recorded as Recorded & { readonly outcome: OutcomeOf<T> }
}
