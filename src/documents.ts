import * as Automerge from '@automerge/automerge'
import type { Documents } from './ports.ts'

/** Changes that one call hands to Automerge: larger calls need memory out of proportion. */
const changesPerCall = 1_000

/** Builds an Automerge document from changes that passed every check, uses it and frees it. */
function withDocument<T>(
  changes: readonly Uint8Array[],
  use: (handle: ReturnType<typeof Automerge.getBackend>) => T,
): T {
  const handle = Automerge.getBackend(Automerge.init())
  try {
    for (let at = 0; at < changes.length; at += changesPerCall) {
      handle.applyChanges(changes.slice(at, at + changesPerCall))
    }
    return use(handle)
  } finally {
    handle.free()
  }
}

const shown = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value)
  if (Automerge.isImmutableString(value)) return value.toString()
  if (!(value instanceof Uint8Array)) return value
  return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The saved document that changes build, with its heads in order. Blocks while it builds. */
export function buildDocument(changes: readonly Uint8Array[]): {
  readonly saved: Uint8Array
  readonly heads: readonly string[]
} {
  return withDocument(changes, (handle) => ({
    saved: handle.save(),
    heads: [...handle.getHeads()].sort(),
  }))
}

/** The content that changes build, as JSON text; bytes as hex. Blocks while it builds. */
export function readDocument(changes: readonly Uint8Array[]): string {
  return withDocument(changes, (handle) => JSON.stringify(handle.materialize('/'), shown))
}

/** Documents built in this thread, for the simulator and for worker threads. */
export const documentsInThread: Documents = {
  build: async (changes) => buildDocument(changes),
  read: async (changes) => readDocument(changes),
  close: async () => {},
}
