/**
 * Makes the vector of a backing file: a small story on a simulated world, the answer about who
 * bought, and the file from which it is found again.
 *
 * Run with `node scripts/make-backing-vector.ts`; it writes `test/vectors/backing.json`.
 */
import { writeFile } from 'node:fs/promises'
import { sealBackingFile } from '../node/backing/backing-file.ts'
import { createVerifier } from '../node/keys/zip215-verifier.ts'
import { World } from '../node/simulate/world.ts'
import type { BackingView, ExportedBacking } from '../src/index.ts'
import { silentLog } from '../node/silent-log.ts'

/** A file, its content in hex, and the answer that follows from them. */
export type BackingVector = {
  readonly file: string
  readonly content: string
  readonly answer: BackingView
}

/** The answer of the vector, made anew; the same in every run. */
export async function makeBackingAnswer(): Promise<ExportedBacking> {
  const world = new World({
    startMs: Date.UTC(2026, 5, 21, 12),
    seed: 1,
    verifier: createVerifier(),
    log: silentLog,
    localSigners: new Map(),
  })
  const policy = { admission: 'open', minimumOccupancy: 0 }
  for (const name of ['sage', 'loom', 'oak', 'elm']) {
    const founding = { name, federation: 'test-vector', adp: 1_000, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  const write = (by: string, kind: string, given: object): Promise<string> =>
    world.settled(world.replica(by).write(kind, given))
  const source = 'solar:test:roof'
  const proof = await world.settled(
    world.replica('sage').prove({
      source,
      fields: { rated: 300, degradation: '0.95' },
      measuredAt: world.clock.now(),
      method: 'vector',
      transcript: new TextEncoder().encode('{"exchanges":[]}'),
      simulated: true,
    }),
  )
  for (const witness of ['oak', 'elm']) {
    await write(witness, 'energy.attest', { proof, level: 2 })
  }
  await write('sage', 'atp.charge', { amount: 200, source })
  const offer = await write('sage', 'trade.offer', { amount: 50, price: '1.25' })
  await write('loom', 'trade.accept', { offer, amount: 40 })
  return world.settled(world.replica('elm').exportBacking(world.resident('loom').key))
}

/** Where the vector is kept. */
export const backingVectorFile: URL = new URL('../test/vectors/backing.json', import.meta.url)

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

if (import.meta.main) {
  const { content, view } = await makeBackingAnswer()
  const file = hexOf(await sealBackingFile(content))
  const vector: BackingVector = { file, content: hexOf(content), answer: view }
  await writeFile(backingVectorFile, `${JSON.stringify(vector, null, 2)}\n`)
}
