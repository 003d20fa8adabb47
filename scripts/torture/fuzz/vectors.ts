import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Actor } from '../../../protocol/index.ts'
import { root } from '../ledger.ts'

type Vector = { readonly document: string; readonly actor: Actor; readonly bytes: string }

const file = join(root, 'test', 'vectors', 'changes.json')

/** The changes of the specification. */
export const vectors: readonly {
  readonly document: string
  readonly actor: Actor
  readonly bytes: Uint8Array
}[] = (JSON.parse(readFileSync(file, 'utf8')) as Vector[]).map(({ bytes, ...rest }) => ({
  ...rest,
  bytes: new Uint8Array(Buffer.from(bytes, 'hex')),
}))
