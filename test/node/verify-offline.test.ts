import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { sealBackingFile } from '../../node/backing/backing-file.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { BackingWorld } from '../support/backing-world.ts'
import { newDirectory, runCli, type Json } from './cli-fixture.ts'

const hourMs = 3_600_000
const changes = 1_000
const altering = fileURLToPath(new URL('../support/verify-altered.ts', import.meta.url))

let folder = ''
let file = ''
let told: Json = {}

/** A chain of three trades and three grants, of the hour before this one. */
beforeAll(async () => {
  const names = Array.from({ length: 7 }, (_, i) => `s${i}`)
  const made = await BackingWorld.of([...names, 'elm'], { startMs: Date.now() - hourMs })
  const proof = await made.prove('s0')
  await made.witness('s0', proof, 2)
  await made.charge('s0', 100)
  for (const [i, name] of names.slice(1).entries()) {
    const give = i < 3 ? made.trade.bind(made) : made.lend.bind(made)
    await give(names[i] ?? '', name, 90 - i)
  }
  const { view, content } = await made.export('elm', 's6')
  told = { ...view }
  folder = await newDirectory()
  file = join(folder, 's6.backing')
  await writeFile(file, await sealBackingFile(content))
})

/** Runs a command where there is no node and never was one. */
const offline = (...args: readonly string[]) =>
  runCli(args, { directory: join(folder, 'nothing-here') })

describe('a backing of six hops, in a process that never saw the network', () => {
  it('is verified by society verify: the very answer that was exported', async () => {
    const { code, stdout } = await offline('verify', file, '--json')
    const { file: about, ...view }: Json = JSON.parse(stdout)
    expect({ code, view }).toEqual({ code: 0, view: told })
    expect(view).toMatchObject({ claimed: 85, proven: 85, byAssurance: { 2: 85 } })
    const [batch] = view['batches'] as readonly { readonly chain: readonly string[] }[]
    // Two records a hop; charge, proof, transcript and two witnesses.
    expect(batch?.chain).toHaveLength(2 * 6 + 5)
    expect(about).toMatchObject({ testFederation: true, aliveNow: 85 })
  })

  it(`is refused with any of ${changes} bytes changed`, async () => {
    const args = [altering, file, String(changes), '11']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const { verdict, ends }: { verdict: string; ends: Record<string, number> } = JSON.parse(stdout)
    expect(verdict).toBe('backed')
    expect(ends['taken']).toBe(undefined)
    // The codes of a file that is damaged: nothing crashes.
    const known = ['malformed', 'too-large', 'unsupported-version']
    expect(Object.keys(ends).filter((end) => !known.includes(end))).toEqual([])
    expect(Object.values(ends).reduce((sum, each) => sum + each, 0)).toBe(changes)
  }, 60_000)

  it('is refused by society verify with a byte changed, exit code 1', async () => {
    const random = new SeededRandom(12)
    const bytes = await readFile(file)
    const place = Math.floor(random.next() * bytes.length)
    bytes[place] = bytes[place]! ^ (1 << Math.floor(random.next() * 8))
    const damaged = join(folder, 'damaged.backing')
    await writeFile(damaged, bytes)
    const { code, stdout } = await offline('verify', damaged, '--json')
    expect({ code, said: JSON.parse(stdout) }).toMatchObject({
      code: 1,
      said: { error: { code: expect.any(String) } },
    })
  })
})
