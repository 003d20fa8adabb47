import {
  evidenceBytesMax,
  evidenceDigest,
  evidencePartsMax,
  valueBytesMax,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { placeOf } from './finality.ts'
import { refuse } from './input.ts'
import type { Refusal, Resolver, Resolving } from './resolver.ts'

type Named = {
  /** Fields that name a society to deal with. */
  readonly societies?: readonly string[]
  /** Fields that name a record of a society to deal with. */
  readonly records?: readonly string[]
  /** Fields that name what a society handed over. */
  readonly handovers?: readonly string[]
}

/** By kind: what of it means to deal with another society, or to take what it handed over. */
const dealings: Readonly<Record<string, Named>> = {
  'work.request': { societies: ['to'] },
  'work.allocate': { societies: ['worker'], records: ['request'] },
  'citizenship.apply': { societies: ['parent'] },
  'citizenship.admit': { societies: ['child'] },
  'federation.admit': { societies: ['society'] },
  'allocation.grant': { societies: ['to'] },
  'allocation.take': { handovers: ['grant', 'return'] },
  'trade.offer': { societies: ['to'] },
  'trade.accept': { records: ['offer'] },
  'trade.settle': { records: ['acceptance'] },
  'trade.claim': { handovers: ['settlement'] },
  'vouch.give': { societies: ['to'] },
  'vouch.accept': { records: ['vouch'] },
}

const lied = (): Failure =>
  new Failure('equivocation', 'that society signed two pasts; its word is void')

/**
 * Why this node does not deal with a society that signed two pasts. What it handed over before its
 * documents part may be taken; what is on one of the pasts may not, unless it is certified: it may
 * be handed over twice.
 */
export async function liarRefusal(
  kind: string,
  value: object,
  { forks, index, finality }: Resolving,
): Promise<Refusal> {
  const named = dealings[kind]
  if (named === undefined || forks.societies.size === 0) return undefined
  const fields = value as Readonly<Record<string, string | undefined>>
  for (const name of named.societies ?? []) {
    if (forks.convicted(fields[name] as SocietyKey)) return lied()
  }
  for (const name of named.records ?? []) {
    const record = fields[name] && (await index.record(fields[name] as RecordId))
    if (record && forks.convicted(record.author)) return lied()
  }
  for (const name of named.handovers ?? []) {
    const id = fields[name] as RecordId | undefined
    if (id === undefined) continue
    const placed = await placeOf(id, { index })
    if (placed === undefined || placed.seq < forks.placeOf(placed.actor)) continue
    if (!(await finality.certificates.covers(placed))) return lied()
  }
  return undefined
}

/** How reports of equivocation are written: `evidence` is what the node itself has found. */
export const liarResolvers: Readonly<Record<string, Resolver>> = {
  'equivocation.report': {
    document: 'trust',
    fields: ['evidence'],
    resolve: (input) => {
      const evidence = input.raw('evidence')
      if (!(evidence instanceof Uint8Array) || evidence.length > evidenceBytesMax) {
        return refuse('malformed', 'evidence must be the bytes of two statements')
      }
      if (evidence.length > evidencePartsMax * valueBytesMax) {
        return { evidence: [], digest: evidenceDigest(evidence) }
      }
      const parts: Uint8Array[] = []
      for (let at = 0; at < evidence.length; at += valueBytesMax) {
        parts.push(evidence.slice(at, at + valueBytesMax))
      }
      return { evidence: parts, digest: undefined }
    },
  },
}
