import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { removeDirectory } from '../directory.ts'
import { importPeer } from './install.ts'

/** Who signs a document is the node, where nobody else is named. */
export type PutOptions = { readonly unique: boolean; readonly identity?: unknown }
/** What is used of a store of documents. */
type Documents = {
  open(options: object): Promise<void>
  put(item: object, options: PutOptions): Promise<unknown>
  readonly log: { readonly log: { readonly length: number } }
}
/** What a program of Peerbit's has of ours. */
export type Shelf = { docs: Documents; readonly address: string; clone(): object }
type Peerbit = {
  open(program: object | string): Promise<Shelf>
  dial(addresses: readonly unknown[]): Promise<unknown>
  getMultiaddrs(): readonly { toString(): string }[]
  stop(): Promise<void>
}
/** A node of Peerbit that runs, and where it keeps what it keeps. */
export type RunningPeerbit = { readonly peer: Peerbit; readonly folder: string }
type Decorator = (target: unknown, context: unknown) => void
type Borsh = {
  readonly field: (properties: { readonly type: unknown }) => Decorator
  readonly variant: (name: string) => Decorator
}
/** How often a store is opened that is not served yet, and the pause between, in ms. */
const openAttemptsMax = 20
const openPauseMs = 50

/** A module of Peerbit's folder. */
export const made = <T>(module: string): Promise<T> => importPeer<T>('peerbit', module)

/** One document. */
export class Item {
  readonly id: string
  readonly bytes: Uint8Array

  constructor(id: string, bytes: Uint8Array) {
    this.id = id
    this.bytes = bytes
  }
}

/** Says what a class is made of, as decorators would: this program runs without a compiler. */
async function declare(
  declared: new (...values: never[]) => object,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { field, variant } = await made<Borsh>('@dao-xyz/borsh')
  const metadata = {}
  for (const [key, type] of Object.entries(fields)) {
    field({ type })(undefined, { kind: 'field', name: key, metadata })
  }
  variant(name)(declared, { kind: 'class', metadata })
  Object.assign(declared, { [Symbol.for('Symbol.metadata')]: metadata })
}

/** The program of one store, once for a process: its name may be given once. */
async function shelfClass(): Promise<new () => object> {
  const { Program } = await made<{ readonly Program: new () => object }>('@peerbit/program')
  const { Documents } = await made<{ readonly Documents: new () => Documents }>('@peerbit/document')
  class OneShelf extends Program {
    docs: Documents = new Documents()

    async open(): Promise<void> {
      const index = { idProperty: 'id' }
      await this.docs.open({ type: Item, index, replicate: { factor: 1 } })
    }
  }
  await declare(Item, 'item', { id: 'string', bytes: Uint8Array })
  await declare(OneShelf, 'shelf', { docs: Documents })
  return OneShelf
}
let shelf: Promise<new () => object> | undefined
/** Loads what a store is made of. */
export const loadShelf = (): Promise<new () => object> => (shelf ??= shelfClass())

/** Starts a node on loopback. */
export async function startPeerbit(): Promise<RunningPeerbit> {
  const { Peerbit: Class } = await made<{
    readonly Peerbit: { create(options: object): Promise<Peerbit> }
  }>('peerbit')
  const { create: indexer } = await made<{ readonly create: unknown }>('@peerbit/indexer-simple')
  const folder = await mkdtemp(join(tmpdir(), 'society-benchmark-peerbit-'))
  return { peer: await Class.create({ directory: folder, indexer }), folder }
}

/** Stops a node and removes what it kept. */
export async function stopPeerbit({ peer, folder }: RunningPeerbit): Promise<void> {
  await peer.stop()
  await removeDirectory(folder)
}

/** Starts a node and opens a store: a new one, a copy, or that of an address at other nodes. */
export async function openShelf(
  store?: object | string,
  nodes: readonly (readonly unknown[])[] = [],
): Promise<{ readonly running: RunningPeerbit; readonly shelf: Shelf }> {
  const OneShelf = await loadShelf()
  const running = await startPeerbit()
  for (const addresses of nodes) await running.peer.dial(addresses)
  const program = store ?? new OneShelf()
  for (let attempt = 1; ; attempt++) {
    try {
      return { running, shelf: await running.peer.open(program) }
    } catch (error) {
      // A node that was dialled just now may not serve its programs yet.
      if (attempt === openAttemptsMax) throw error
      await pause(openPauseMs)
    }
  }
}
