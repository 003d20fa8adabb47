import { createHash } from 'node:crypto'
import type { Receipt } from '../../../src/index.ts'
import { fullBytesMax, shortBytesMax } from './limits.ts'

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** All that was signed besides worker and beneficiary, who are named elsewhere, and by both. */
function inFull(receipt: Receipt, counterparty: number): object {
  const { id, ticket, quality, consumed, outputDigest, started, finished } = receipt
  return {
    id,
    counterparty,
    ticket,
    quality,
    ...(consumed === undefined ? {} : { consumed }),
    ...(outputDigest === undefined ? {} : { outputDigest }),
    started,
    finished,
    signatures: [base64(receipt.workerSignature), base64(receipt.beneficiarySignature)],
  }
}

const inShort = ({ id, started, finished }: Receipt, counterparty: number): object => ({
  id,
  counterparty,
  started,
  finished,
})

/** Takes as many of a list's first as fit. */
function fitting<T>(list: readonly T[], show: (each: T) => object, bytesMax: number): object[] {
  const shown: object[] = []
  let bytes = 0
  for (const each of list) {
    const object = show(each)
    bytes += JSON.stringify(object).length + 1
    if (bytes > bytesMax) break
    shown.push(object)
  }
  return shown
}

/**
 * Receipts as evidence, newest first: in full as many as fit, then in short, by the ids of records
 * that every member holds; of what is left the number and the SHA-256 of the ids, one a line.
 * `counterpartyOf` numbers the beneficiaries.
 */
export function receiptEvidence(
  receipts: readonly Receipt[],
  counterpartyOf: (receipt: Receipt) => number,
): readonly object[] {
  const newest = receipts.toSorted((a, b) => b.finished - a.finished || (a.id < b.id ? -1 : 1))
  const full = fitting(newest, (each) => inFull(each, counterpartyOf(each)), fullBytesMax)
  const others = newest.slice(full.length)
  const short = fitting(others, (each) => inShort(each, counterpartyOf(each)), shortBytesMax)
  const left = others.slice(short.length).map(({ id }) => id)
  if (left.length === 0) return [...full, ...short]
  const sha256 = createHash('sha256').update(left.join('\n')).digest('hex')
  return [...full, ...short, { leftOut: left.length, sha256 }]
}
