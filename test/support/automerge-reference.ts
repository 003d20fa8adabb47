import { deepStrictEqual } from 'node:assert/strict'
import * as Automerge from '@automerge/automerge'
import { emptyChain, admitChange, operationsFor } from '../../protocol/change/admit.ts'
import { decodeChange, encodeChange, peekChange } from '../../protocol/change/codec.ts'
import type { Actor, Chain, Change, ChangeHash, Fields } from '../../protocol/change/types.ts'
import type { Operation, Scalar } from '../../protocol/change/types.ts'
import { integerMax } from '../../protocol/limits.ts'

/** Automerge's own document, below its proxies; to be freed, or its memory is kept. */
export type Handle = ReturnType<typeof Automerge.getBackend>

/** An empty Automerge document that writes as `actor`. */
export const openHandle = (actor: Actor): Handle => Automerge.getBackend(Automerge.init({ actor }))

const datatypeOf = (value: Scalar): 'str' | 'int' | 'boolean' | 'bytes' => {
  if (typeof value === 'string') return 'str'
  if (typeof value === 'number') return 'int'
  return typeof value === 'boolean' ? 'boolean' : 'bytes'
}

/** Has Automerge write a change with these operations; gives its bytes and its hash. */
export const writeWithAutomerge = (
  handle: Handle,
  change: Change,
): { readonly bytes: Uint8Array; readonly hash: string } => {
  for (const { object, key, value } of change.operations) {
    const parent = object === 0 ? '_root' : `${object}@${change.actor}`
    if (value === undefined) handle.putObject(parent, key, {})
    else handle.put(parent, key, value, datatypeOf(value))
  }
  const hash = handle.commit(undefined, change.time)
  const bytes = handle.getLastLocalChange()
  if (hash === null || bytes === null) throw new TypeError('Automerge wrote nothing')
  return { bytes, hash }
}

type DecodedOperation = Readonly<Record<string, unknown>>

const operationOf = (decoded: DecodedOperation, actor: string): Operation | undefined => {
  const { action, obj, key, value, datatype, pred, insert, elemId } = decoded
  if (typeof key !== 'string' || typeof obj !== 'string') return undefined
  if (insert !== undefined || elemId !== undefined) return undefined
  if (!Array.isArray(pred) || pred.length > 0) return undefined
  const [counter, owner] = obj.split('@')
  if (obj !== '_root' && owner !== actor) return undefined
  const object = obj === '_root' ? 0 : Number(counter)
  if (object > 2 ** 31 - 1) return undefined
  if (action === 'makeMap') return value === undefined ? { object, key } : undefined
  if (action !== 'set') return undefined
  if (datatype === 'int' && typeof value === 'number') {
    return Math.abs(value) <= integerMax ? { object, key, value } : undefined
  }
  if (datatype !== undefined) return undefined
  if (typeof value === 'string' || typeof value === 'boolean') return { object, key, value }
  // This is how decodeChange gives bytes.
  return Array.isArray(value) ? { object, key, value: Uint8Array.from(value) } : undefined
}

const isBetween = (value: number, min: number, max: number): boolean => value >= min && value <= max

/** What Automerge decodes from a change's bytes, if it is within our subset of the format. */
export const decodeWithAutomerge = (bytes: Uint8Array): Change | undefined => {
  const decoded: Automerge.DecodedChange & Readonly<Record<string, unknown>> =
    Automerge.decodeChange(bytes)
  const { actor, seq, startOp, time, message, deps } = decoded
  if (message !== null || deps.length > 1 || decoded['extra_bytes'] !== undefined) return undefined
  if (!isActor(actor) || !isBetween(time, 0, 8.64e15)) return undefined
  if (!isBetween(seq, 1, 2 ** 31 - 1) || !isBetween(startOp, 1, 2 ** 31 - 1)) return undefined
  const previous = deps[0] ?? null
  if (previous !== null && !isHash(previous)) return undefined
  const operations: Operation[] = []
  for (const each of decoded.ops) {
    const operation = operationOf({ ...each }, actor)
    if (operation === undefined) return undefined
    operations.push(operation)
  }
  if (operations.length === 0) return undefined
  return { actor, seq, startOperation: startOp, time, previous, operations }
}

/** Whether digits are an actor of one of our documents. */
const isActor = (digits: string): digits is Actor => /^[0-9a-f]{64}0[01]$/.test(digits)

/** Whether digits are a change's hash. */
export const isHash = (digits: string): digits is ChangeHash => /^[0-9a-f]{64}$/.test(digits)

/** The actor of these digits; the test is at fault where they are none. */
export const actorOf = (digits: string): Actor => {
  if (!isActor(digits)) throw new TypeError(`${digits} is no actor`)
  return digits
}

/** A change in its place: what came before, its content and its bytes. */
export type Link = {
  readonly chain: Chain
  readonly before: readonly Uint8Array[]
  readonly change: Change
  readonly bytes: Uint8Array
  readonly hash: ChangeHash
  readonly records: readonly Fields[]
}

/** The change that adds these records next, by our own codec. */
export const linkFor = (
  chain: Chain,
  before: readonly Uint8Array[],
  records: readonly Fields[],
  time: number,
): Link => {
  const change: Change = {
    actor: chain.actor,
    seq: chain.seq + 1,
    startOperation: chain.nextOperation,
    time,
    previous: chain.head,
    operations: operationsFor(records, chain),
  }
  return { chain, before, change, records, ...encodeChange(change) }
}

/** Consecutive changes of a new document, by our own codec. */
export const linksOf = (
  actor: Actor,
  document: string,
  batches: readonly (readonly Fields[])[],
): Link[] => {
  const links: Link[] = []
  const before: Uint8Array[] = []
  let chain = emptyChain(actor, document)
  for (const [at, records] of batches.entries()) {
    const link = linkFor(chain, [...before], records, 1_790_000_000_000 + at * 1_000)
    const admission = admitChange(link.change, link.hash, chain)
    if (!admission.ok) throw new TypeError(`own change refused: ${admission.message}`)
    links.push(link)
    before.push(link.bytes)
    chain = admission.chain
  }
  return links
}

/** Peeks and decodes: the change and its hash, or undefined where either refuses. */
export const decodeStrictly = (
  bytes: Uint8Array,
): { readonly change: Change; readonly hash: ChangeHash } | undefined => {
  const peeked = peekChange(bytes)
  if (!peeked.ok) return undefined
  const decoded = decodeChange(bytes, peeked.value)
  return decoded.ok ? { change: decoded.value, hash: peeked.value.hash } : undefined
}

/** Automerge gives text in a class of its own, to tell it from text that can be edited. */
const plainValue = (value: unknown): unknown =>
  Automerge.isImmutableString(value) ? value.val : value

const childOf = (handle: Handle, object: string, key: string): string => {
  const [type, child] = handle.getWithType(object, key) ?? []
  if (type !== 'map' || typeof child !== 'string') throw new TypeError(`no map at ${key}`)
  return child
}

/**
 * Applies a change behind its chain in Automerge and throws unless everything is as it must be: it
 * is the only head, all bytes come back unchanged, the saved document loads, and `records`, those
 * from number `chain.count` on, are what a reader finds.
 */
export const verifyWithAutomerge = (
  link: Pick<Link, 'chain' | 'before' | 'bytes' | 'hash'>,
  records: readonly Fields[],
): void => {
  const { actor, count, document } = link.chain
  const changes = [...link.before, link.bytes]
  const handle = openHandle(actor)
  try {
    handle.applyChanges(changes)
    deepStrictEqual(handle.getHeads(), [link.hash])
    deepStrictEqual(handle.getChanges([]), changes)
    const loaded = Automerge.load<Record<string, unknown>>(handle.save())
    deepStrictEqual(Automerge.getHeads(loaded), [link.hash])
    Automerge.free(loaded)
    const root = childOf(handle, '_root', document)
    for (const [at, fields] of records.entries()) {
      const number = count + at
      const segment = childOf(handle, root, Math.floor(number / 512).toString(36))
      const record: unknown = handle.materialize(childOf(handle, segment, number.toString(36)))
      const entries = Object.entries(Object(record)).map(([key, value]) => [key, plainValue(value)])
      deepStrictEqual(Object.fromEntries(entries), Object.fromEntries(fields))
    }
  } finally {
    handle.free()
  }
}
