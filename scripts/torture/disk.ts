import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKey, openKey, openNodeKey } from '../../node/keys/key-store.ts'
import { killedStore, outcomeOf } from '../../test/node/killed-store.ts'
import {
  copyAsKilled,
  filesByKind,
  flipBit,
  numbersOf,
  withDirectory,
} from '../../test/node/store-fixture.ts'
import { Failure } from '../../src/index.ts'
import { failingCall, fullDisk, unopenedLog, type Outcome } from './disk/failing-writes.ts'
import type { Row } from './row.ts'

type Many = {
  readonly flips: number
  readonly keyFlips: number
  readonly full: number
  readonly failing: number
  readonly logs: number
}

const long: Many = { flips: 110, keyFlips: 30, full: 20, failing: 42, logs: 3 }
const short: Many = { flips: 14, keyFlips: 4, full: 2, failing: 4, logs: 2 }

/** Flips of one bit in every kind of file that a store has, in turn. */
async function flipStore(count: number): Promise<readonly Outcome[]> {
  return withDirectory(async (directory) => {
    const expected = await killedStore(directory)
    const killed = join(directory, 'killed')
    const copy = join(directory, 'copy')
    const random = numbersOf(count)
    const outcomes: Outcome[] = []
    const kinds = [...(await filesByKind(killed))]
    for (let flip = 0; flip < count; flip += 1) {
      const [kind, names] = kinds[flip % kinds.length] ?? ['', []]
      const name = names[random(names.length)] ?? ''
      await copyAsKilled(killed, copy)
      await flipBit(join(copy, name), random)
      outcomes.push({ fault: `a bit of ${kind}`, outcome: await outcomeOf(copy, expected) })
      await rm(copy, { recursive: true })
    }
    return outcomes
  })
}

/** Flips of one bit in both keys' files: the same key comes out, or a refusal. */
async function flipKeys(count: number): Promise<readonly Outcome[]> {
  return withDirectory(async (directory) => {
    const { publicKey } = await createKey(directory, null)
    const nodeKey = await openNodeKey(directory)
    const random = numbersOf(count)
    const outcomes: Outcome[] = []
    for (let flip = 0; flip < count; flip += 1) {
      const name = flip % 2 === 0 ? 'key.json' : 'node-key.json'
      const path = join(directory, name)
      const whole = await readFile(path)
      await flipBit(path, random)
      const same = (): Promise<boolean> =>
        flip % 2 === 0
          ? openKey(directory, null).then((key) => Buffer.compare(key.publicKey, publicKey) === 0)
          : openNodeKey(directory).then((key) => Buffer.compare(key, nodeKey) === 0)
      const outcome = await same().then(
        (isSame) => (isSame ? 'without effect' : 'served another key'),
        (error: unknown) => (error instanceof Failure ? 'noticed' : String(error)),
      )
      outcomes.push({ fault: `a bit of ${name}`, outcome })
      await writeFile(path, whole)
    }
    return outcomes
  })
}

async function each(
  count: number,
  fault: (number: number) => Promise<Outcome>,
  tell: (text: string) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (let number = 0; number < count; number += 1) {
    const outcome = await fault(number)
    outcomes.push(outcome)
    tell(`${outcome.fault}: ${outcome.outcome}`)
  }
  return outcomes
}

/** Damages files, fills the disk and fails system calls: noticed, or without effect. */
export const disk: Row = {
  name: 'disk',
  proof: 'bits flipped in every file, a full disk, failing system calls: none served',
  gates: { short: { faults: 24 }, long: { faults: 200 } },
  async run({ isShort, tell }) {
    const many = isShort ? short : long
    const outcomes = [
      ...(await flipStore(many.flips)),
      ...(await flipKeys(many.keyFlips)),
      ...(await each(many.full, (number) => fullDisk(200 + number * 97), tell)),
      ...(await each(many.failing, failingCall, tell)),
      ...(await each(many.logs, unopenedLog, tell)),
    ]
    const count = (wanted: string): number =>
      outcomes.filter(({ outcome }) => outcome === wanted).length
    const noticed = count('noticed')
    const withoutEffect = count('without effect')
    const bad = outcomes.filter(({ outcome }) => !/^(noticed|without effect)$/.test(outcome))
    return {
      figures: { faults: outcomes.length, noticed, withoutEffect, served: bad.length },
      faults: bad.map(({ fault, outcome }) => `${fault}: ${outcome}`),
    }
  },
}
