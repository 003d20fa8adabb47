import { rename } from 'node:fs/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { sourceTypes } from '../../protocol/index.ts'
import type { MeasureRequest } from '../meters/meters.ts'
import { readTextFile, replaceFile } from '../store/durable-file.ts'
import { rememberedBytesMax } from './limits.ts'

/** How a source was measured, so that it can be measured again. It may hold a secret. */
export type Remembered = { readonly source: string; readonly request: MeasureRequest }

const file = Type.Object({
  version: Type.Literal(1),
  measurements: Type.Array(
    Type.Object({
      source: Type.String(),
      request: Type.Intersect([
        Type.Object({ type: Type.Enum([...sourceTypes]) }),
        Type.Record(Type.String(), Type.Unknown()),
      ]),
    }),
  ),
})

function measurementsIn(text: string): readonly Remembered[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(file, value) ? value.measurements : undefined
  } catch {
    return undefined
  }
}

/**
 * The measurements that a file remembers. One that cannot be read is moved aside, to a name ending
 * in `.damaged`, and `damaged` is true: what it held has to be measured by hand once more.
 */
export async function readRemembered(
  path: string,
): Promise<{ readonly measurements: readonly Remembered[]; readonly damaged: boolean }> {
  const text = await readTextFile(path, rememberedBytesMax)
  if (text === undefined) return { measurements: [], damaged: false }
  const measurements = measurementsIn(text)
  if (measurements !== undefined) return { measurements, damaged: false }
  await rename(path, `${path}.damaged`)
  return { measurements: [], damaged: true }
}

/** Replaces what a file remembers, for its owner's eyes alone. */
export function writeRemembered(path: string, measurements: readonly Remembered[]): Promise<void> {
  return replaceFile(path, `${JSON.stringify({ version: 1, measurements }, null, 2)}\n`)
}
