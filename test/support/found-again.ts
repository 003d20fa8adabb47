import { expect } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { physics } from '../../node/plausibility/physics.ts'
import type { World } from '../../node/simulate/world.ts'
import {
  decodeBackingFile,
  encodeBackingFile,
  type BackingFile,
  type SocietyKey,
} from '../../protocol/index.ts'
import { replayBacking, type ReplayedBacking } from '../../src/index.ts'
import { silentLog } from '../../node/silent-log.ts'

/** Reads the content of a file, which must be as the program writes it. */
export function readContent(content: Uint8Array): BackingFile {
  const file = decodeBackingFile(content)
  if (!file.ok) throw new TypeError(file.message)
  expect(encodeBackingFile(file.value)).toEqual(content)
  return file.value
}

/** Finds the answer of a file again; with `from`, among those alone whom that society admitted. */
export function replayed(content: Uint8Array, from?: SocietyKey): Promise<ReplayedBacking> {
  const parts = { verifier: createVerifier(), log: silentLog, plausibility: physics, from }
  return replayBacking(readContent(content), parts)
}

/** What every running node says of everybody's backing is found again from its file alone. */
export async function foundAgain(world: World): Promise<void> {
  const societies = [...world.residents.values()]
  for (const { name, replica } of societies) {
    if (replica === null) continue
    for (const { key, name: of } of societies) {
      const { view, content } = await world.settled(replica.exportBacking(key))
      const again = await replayed(content)
      expect({ by: name, of, view: again.view }).toEqual({ by: name, of, view })
    }
  }
}
