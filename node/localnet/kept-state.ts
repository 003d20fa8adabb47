import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { Failure } from '../../src/index.ts'
import { readTextFile, replaceFile } from '../store/durable-file.ts'

const stateBytesMax = 262_144

/** What a kept local network writes of itself, to be put back and taken up again. */
export type KeptState = {
  readonly format: 1
  /** How far its clocks are ahead of the machine's, in s. */
  readonly aheadSeconds: number
  /** Names on one side of a partition; none while there is none. */
  readonly apart: readonly string[]
  readonly societies: readonly {
    readonly name: string
    readonly id: string
    /** libp2p name of its node. */
    readonly peer: string
    readonly runs: boolean
  }[]
  readonly simulators: readonly {
    readonly program: string
    readonly args: readonly string[]
    readonly port: number
    /** Since when it is in service, in ms since 1970. */
    readonly since: number
  }[]
}

// Names are those of directories.
const name = Type.String({ pattern: '^[a-z0-9-]+$' })
const text = Type.String()
const society = Type.Object({ name, id: text, peer: text, runs: Type.Boolean() })
const simulator = Type.Object({
  program: text,
  args: Type.Array(text),
  port: Type.Integer(),
  since: Type.Integer(),
})
const form = Type.Object({
  format: Type.Literal(1),
  aheadSeconds: Type.Integer({ minimum: 0 }),
  apart: Type.Array(name),
  societies: Type.Array(society),
  simulators: Type.Array(simulator),
})

/** Whether a value is such a state. */
export function isKeptState(value: unknown): value is KeptState {
  return Value.Check(form, value)
}

const fileIn = (root: string): string => join(root, 'localnet.json')

/** Writes the state of the network in a directory. */
export async function writeState(root: string, state: KeptState): Promise<void> {
  await replaceFile(fileIn(root), `${JSON.stringify(state, undefined, 2)}\n`)
}

/** Reads it. Fails with `malformed` where no local network was kept there. */
export async function readState(root: string): Promise<KeptState> {
  const content = await readTextFile(fileIn(root), stateBytesMax)
  const state: unknown = content === undefined ? undefined : JSON.parse(content)
  if (isKeptState(state)) return state
  throw new Failure('malformed', `no local network was kept in ${root}: see ${fileIn(root)}`)
}
