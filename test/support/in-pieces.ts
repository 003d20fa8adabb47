import { contentPieces, type CheckpointContent } from '../../protocol/index.ts'

/** What a generator comes to, and the sum of what it told on its way. */
export function ran<T>(work: Generator<number, T>): { readonly value: T; readonly told: number } {
  let told = 0
  for (;;) {
    const next = work.next()
    if (next.done === true) return { value: next.value, told }
    told += next.value
  }
}

/** The text of a content. */
export const contentText = (content: CheckpointContent): string =>
  [...contentPieces(content)].join('')
