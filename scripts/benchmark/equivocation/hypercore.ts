import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { removeDirectory } from '../directory.ts'
import { importPeer } from '../peers/install.ts'

/** What is used of a Hypercore. */
type Core = {
  readonly key: Uint8Array
  readonly length: number
  readonly closed: boolean
  ready(): Promise<void>
  append(block: string): Promise<unknown>
  get(index: number, options: { readonly timeout: number }): Promise<Uint8Array>
  replicate(isInitiator: boolean): NodeJS.ReadWriteStream
  on(event: string, then: () => void): void
}
type Hypercore = {
  readonly default: new (folder: string, key: Uint8Array | object, options?: object) => Core
}
type Crypto = { readonly default: { keyPair(seed: Uint8Array): object } }

/** Longest wait for anything to happen, in ms. */
const waitMs = 5_000
const { default: HypercoreClass } = await importPeer<Hypercore>('hypercore', 'hypercore')
const { default: crypto } = await importPeer<Crypto>('hypercore', 'hypercore-crypto')
const folders: string[] = []
const open = async (key: Uint8Array | object, options?: object): Promise<Core> => {
  const folder = await mkdtemp(join(tmpdir(), 'society-benchmark-liar-'))
  folders.push(folder)
  const core = new HypercoreClass(folder, key, options)
  await core.ready()
  return core
}
const keyPair = crypto.keyPair(Buffer.alloc(32, 7))
const one = await open({ keyPair })
const other = await open({ keyPair })
await one.append('50 to Alice')
await other.append('50 to Bob')
// A reader looks at another's signature only where it promises more.
await other.append('and 10 to Carol')
const reader = await open(one.key)
const conflicts: number[] = []
reader.on('conflict', () => {
  conflicts.push(performance.now())
})
const meet = (core: Core): void => {
  const [theirs, ours] = [core.replicate(true), reader.replicate(false)]
  for (const stream of [theirs, ours]) stream.on('error', () => {})
  theirs.pipe(ours).pipe(theirs)
}
meet(one)
await reader.get(0, { timeout: waitMs })
const startedAt = performance.now()
meet(other)
void reader.get(1, { timeout: waitMs }).catch(() => {})
const isQuiet = (): boolean => conflicts.length === 0 && !reader.closed
while (isQuiet() && performance.now() - startedAt < waitMs) await pause(10)
const ms = Math.round(performance.now() - startedAt)
process.send?.(
  !isQuiet()
    ? `frozen at the node that saw both, after ${ms} ms; nobody else hears of it`
    : `nothing noticed within ${waitMs} ms by a reader of both`,
)
await Promise.all(folders.map(removeDirectory))
process.exit()
