import { base58btc } from 'multiformats/bases/base58'
import { bytesOfHex, hexOf } from './change/hex.ts'
import type { Actor } from './change/types.ts'

declare const brand: unique symbol

/** A society's or worker's ed25519 public key, 64 lower-case hex digits. */
export type SocietyKey = string & { readonly [brand]: 'SocietyKey' }

/** `<change hash>:<place>`: 64 lower-case hex digits, a colon, the place in decimal. */
export type RecordId = string & { readonly [brand]: 'RecordId' }

/** What a document holds: `trust` (claims and trust) or `pool` (balances). */
export type DocumentKind = 'trust' | 'pool'

const didPrefix = 'did:key:'
// Multicodec of an ed25519 public key, as did:key has it.
const codec = [0xed, 0x01]

// Those that were spelled last: spelling one takes longer than reading a record.
const knownDids: Map<SocietyKey, string> = new Map()
const knownDidsMax = 1_024

/** The did:key of a public key. */
export function didOf(key: SocietyKey): string {
  const known = knownDids.get(key)
  if (known !== undefined) return known
  const bytes = new Uint8Array(34)
  bytes.set(codec)
  bytes.set(bytesOfHex(key), 2)
  const did = didPrefix + base58btc.encode(bytes)
  if (knownDids.size === knownDidsMax) knownDids.clear()
  knownDids.set(key, did)
  return did
}

// The same the other way round: reading one takes longer still.
const knownKeys: Map<string, SocietyKey> = new Map()

/** The public key of a did:key of an ed25519 key; undefined for anything else. */
export function keyOfDid(did: string): SocietyKey | undefined {
  const known = knownKeys.get(did)
  if (known !== undefined) return known
  const key = readDid(did)
  if (key === undefined) return undefined
  if (knownKeys.size === knownDidsMax) knownKeys.clear()
  knownKeys.set(did, key)
  return key
}

function readDid(did: string): SocietyKey | undefined {
  if (!did.startsWith(`${didPrefix}z`) || did.length > 64) return undefined
  let bytes: Uint8Array
  try {
    bytes = base58btc.decode(did.slice(didPrefix.length))
  } catch {
    return undefined
  }
  if (bytes.length !== 34 || bytes[0] !== codec[0] || bytes[1] !== codec[1]) return undefined
  const key = hexOf(bytes.subarray(2)) as SocietyKey
  // One spelling per key: what does not encode back is refused.
  return didOf(key) === did ? key : undefined
}

// Identity multihash of a libp2p ed25519 public key, up to the key itself.
const peerPrefix = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]

/** The libp2p PeerId of an ed25519 key, `12D3Koo...`. */
export function peerIdOf(key: SocietyKey): string {
  const bytes = new Uint8Array(38)
  bytes.set(peerPrefix)
  bytes.set(bytesOfHex(key), peerPrefix.length)
  return base58btc.encode(bytes).slice(1)
}

/** The ed25519 key that a PeerId holds; undefined for a PeerId of any other kind. */
export function keyOfPeerId(peerId: string): SocietyKey | undefined {
  if (peerId.length > 64) return undefined
  let bytes: Uint8Array
  try {
    bytes = base58btc.decode(`z${peerId}`)
  } catch {
    return undefined
  }
  if (bytes.length !== 38 || peerPrefix.some((byte, i) => byte !== bytes[i])) return undefined
  const key = keyOfBytes(bytes.subarray(peerPrefix.length))
  return peerIdOf(key) === peerId ? key : undefined
}

const keyBytes = 32

// Keys read last, by their first bytes: a few societies are named again and again, and one string
// for all mentions of a key is found faster in every map than one for each.
const knownSpellings: ({ readonly bytes: Uint8Array; readonly key: SocietyKey } | undefined)[] =
  Array.from({ length: 1_024 }, () => undefined)

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < keyBytes; at++) if (a[at] !== b[at]) return false
  return true
}

/** The key of 32 bytes. */
export function keyOfBytes(bytes: Uint8Array): SocietyKey {
  if (bytes.length !== keyBytes) return hexOf(bytes) as SocietyKey
  const place = (bytes[0]! + bytes[1]! * 256) % knownSpellings.length
  const known = knownSpellings[place]
  if (known !== undefined && areSame(known.bytes, bytes)) return known.key
  const key = hexOf(bytes) as SocietyKey
  knownSpellings[place] = { bytes: new Uint8Array(bytes), key }
  return key
}

/** The 32 bytes of a key. */
export function bytesOfKey(key: SocietyKey): Uint8Array {
  return bytesOfHex(key)
}

/** Name of a document and root key of everything in it: `trust/<did>` or `pool/<did>`. */
export function documentName(kind: DocumentKind, key: SocietyKey): string {
  return `${kind}/${didOf(key)}`
}

/** The Automerge actor of a document: the owner's key and one byte, 0 for trust and 1 for pool. */
export function actorOf(kind: DocumentKind, key: SocietyKey): Actor {
  return `${key}${kind === 'trust' ? '00' : '01'}` as Actor
}

/** Whose an actor is, and which of its documents it writes. */
type Owner = { readonly key: SocietyKey; readonly kind: DocumentKind }

// Of those met last: a part of a text is found slower in every map than the one text for all.
const knownOwners: Map<Actor, Owner> = new Map()
const knownOwnersMax = 1_024

/** Owner and kind of an actor; undefined where the last byte is neither. */
export function ownerOfActor(actor: Actor): Owner | undefined {
  const known = knownOwners.get(actor)
  if (known !== undefined) return known
  const last = actor.slice(64)
  if (actor.length !== 66 || (last !== '00' && last !== '01')) return undefined
  const owner: Owner = {
    key: actor.slice(0, 64) as SocietyKey,
    kind: last === '00' ? 'trust' : 'pool',
  }
  if (knownOwners.size === knownOwnersMax) knownOwners.clear()
  knownOwners.set(actor, owner)
  return owner
}

/** The society whose document an actor of a known kind writes. */
export function keyOfActor(actor: Actor): SocietyKey {
  return ownerOfActor(actor)?.key ?? (actor.slice(0, 64) as SocietyKey)
}

/** The id of the record at a place of a change. */
export function recordId(hash: string, place: number): RecordId {
  return `${hash}:${place}` as RecordId
}

/** Change hash and place of a record id. */
export function partsOfRecordId(id: RecordId): { readonly hash: string; readonly place: number } {
  return { hash: id.slice(0, 64), place: Number(id.slice(65)) }
}

/** Whether a text is a record id in its one spelling; a place fits into the two bytes it has. */
export function isRecordId(text: string): text is RecordId {
  return /^[0-9a-f]{64}:(0|[1-9]\d{0,4})$/.test(text) && Number(text.slice(65)) <= 0xffff
}

/** Order of records of one time: by change hash, then by place. */
export function compareRecordIds(a: RecordId, b: RecordId): number {
  const left = partsOfRecordId(a)
  const right = partsOfRecordId(b)
  if (left.hash !== right.hash) return left.hash < right.hash ? -1 : 1
  return left.place - right.place
}

/** A record id on the wire: 32 bytes of hash, and the place as two bytes, high byte first. */
export function bytesOfRecordId(id: RecordId): Uint8Array {
  const { hash, place } = partsOfRecordId(id)
  const bytes = new Uint8Array(34)
  bytes.set(bytesOfHex(hash))
  bytes[32] = place >>> 8
  bytes[33] = place & 0xff
  return bytes
}

/** The record id of its 34 wire bytes. */
export function recordIdOfBytes(bytes: Uint8Array): RecordId {
  const place = (bytes[32] ?? 0) * 256 + (bytes[33] ?? 0)
  return recordId(hexOf(bytes.subarray(0, 32)), place)
}
