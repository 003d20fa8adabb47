import { Failure } from './failure.ts'
import { turnBytes } from './limits.ts'
import type { Clock } from './ports.ts'

/** Lets others have their turn. */
export type Breathe = () => Promise<void>

/** Where nobody waits for a turn. */
export const atOnce: Breathe = async () => {}

/** Turns that go by a clock's timers. */
export function breatheBy(clock: Pick<Clock, 'after'>): Breathe {
  return () => new Promise((resolve) => void clock.after(0, resolve))
}

/** Work that tells now and then how many bytes it has done since, brought to its end in turns. */
export async function inTurns<T>(work: Generator<number, T>, breathe: Breathe): Promise<T> {
  let since = 0
  for (;;) {
    const next = work.next()
    if (next.done === true) return next.value
    since += next.value
    if (since < turnBytes) continue
    since = 0
    await breathe()
  }
}

/**
 * The UTF-8 bytes of a text that comes in pieces. Fails with `too-large` as soon as they are more
 * than `bytesMax`.
 */
export async function bytesInTurns(
  pieces: Generator<string, void>,
  breathe: Breathe,
  bytesMax: number = Infinity,
): Promise<Uint8Array> {
  const encoder = new TextEncoder()
  const chunks: Uint8Array[] = []
  let text: string[] = []
  let length = 0
  let bytes = 0
  const flush = (): void => {
    const chunk = encoder.encode(text.join(''))
    bytes += chunk.length
    if (bytes > bytesMax) throw new Failure('too-large', `more than ${bytesMax} bytes`)
    chunks.push(chunk)
    text = []
    length = 0
  }
  for (const piece of pieces) {
    text.push(piece)
    length += piece.length
    if (length < turnBytes) continue
    flush()
    await breathe()
  }
  flush()
  return joined(chunks, breathe)
}

async function joined(chunks: readonly Uint8Array[], breathe: Breathe): Promise<Uint8Array> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  let turns = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
    turns += 1
    if (turns % copiesInATurn === 0) await breathe()
  }
  return bytes
}

/** Chunks copied at a stretch: copying is fifty times faster than writing. */
const copiesInATurn = 32
