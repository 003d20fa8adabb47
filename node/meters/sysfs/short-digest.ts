import { createHash } from 'node:crypto'

/** 128 bits in hex that stand for what is nobody else's business, such as a board's number. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(`society/1/machine\0${text}`).digest('hex').slice(0, 32)
}
