import { Failure } from '../../../src/index.ts'

/**
 * A number as the kernel writes it: decimal digits of at most 64 bits. `source-nonsense` for
 * anything else.
 */
export function wholeNumber(text: string, file: string): bigint {
  if (/^\d{1,20}$/.test(text)) return BigInt(text)
  throw new Failure(
    'source-nonsense',
    `${file} holds '${text.slice(0, 40)}' where a number belongs; update the kernel.`,
  )
}
