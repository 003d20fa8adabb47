import { didOf, isRecordId } from '../../../protocol/index.ts'
import { ambiguous, Failure } from '../../../src/index.ts'
import type { ApiContext } from '../context.ts'
import { findKey } from '../find-society.ts'
import { lotsOf, whyBatch } from './of-batch.ts'
import { whyPeer } from './of-peer.ts'
import { whyRecord } from './of-record.ts'
import { whySociety } from './of-society.ts'
import type { Why } from './reason.ts'

/** Shortest prefix of a batch's id that is looked for. */
const prefixLengthMin = 4

async function batchOrRecord(context: ApiContext, text: string): Promise<Why | undefined> {
  if (!/^[0-9a-f]{4,}(:\d+)?$/.test(text) || text.length < prefixLengthMin) return undefined
  const lots = lotsOf(context, text)
  const ids = [...new Set(lots.map(({ batch }) => batch))]
  if (ids.length > 1) throw ambiguous(text, 'batches', ids)
  const [id] = ids
  if (id !== undefined) {
    return { about: 'batch', id, name: null, reasons: await whyBatch(context, id, lots) }
  }
  if (!isRecordId(text)) return undefined
  const record = await context.replica.record(text)
  if (record === undefined) {
    throw new Failure('unknown-reference', `no record ${text} is here; its author may be behind`)
  }
  return { about: 'record', id: text, name: null, reasons: whyRecord(context, record) }
}

async function peer(context: ApiContext, text: string): Promise<Why | undefined> {
  const found = context.network
    .peerDetails()
    .filter((each) => each.peer === text || (text.length > 4 && each.peer.startsWith(text)))
  if (found.length > 1) {
    throw ambiguous(
      text,
      'peers',
      found.map((each) => each.peer),
    )
  }
  const [details] = found
  if (details === undefined) return undefined
  return { about: 'peer', id: details.peer, name: null, reasons: await whyPeer(context, details) }
}

/**
 * Why something is or is not in sync, trusted, spendable: a batch of this society, a record, a
 * peer or a society, named by id, prefix or name. Fails with `unknown-reference`, `malformed`.
 */
export async function whyOf(context: ApiContext, text: string): Promise<Why> {
  const found = (await batchOrRecord(context, text)) ?? (await peer(context, text))
  if (found !== undefined) return found
  const { replica } = context
  const key = findKey(replica, text)
  const { name } = replica.society(key)
  return { about: 'society', id: didOf(key), name, reasons: await whySociety(context, key) }
}
