import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../ledger.ts'

/** Largest input that is kept, and most of one target. */
const keptBytesMax = 768
const keptMax = 160

const fileOf = (target: string): string => join(root, 'test', 'corpus', `${target}.txt`)

/** Inputs that were kept for a target: a line of hex each. */
export function readCorpus(target: string): readonly Uint8Array[] {
  const file = fileOf(target)
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => new Uint8Array(Buffer.from(line, 'hex')))
}

/** Keeps inputs that reached new code; what was kept before stays. */
export function keepCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const kept = new Set(readCorpus(target).map((bytes) => Buffer.from(bytes).toString('hex')))
  for (const bytes of inputs) {
    if (bytes.length <= keptBytesMax && kept.size < keptMax)
      kept.add(Buffer.from(bytes).toString('hex'))
  }
  mkdirSync(join(root, 'test', 'corpus'), { recursive: true })
  writeFileSync(fileOf(target), `${[...kept].toSorted().join('\n')}\n`)
}
