import { randomBytes } from 'node:crypto'
import { parseSourceId } from '../../protocol/index.ts'
import { Failure, type Claimed, type Examiner, type Sight } from '../../src/index.ts'
import type { DeviceTls } from '../meters/device-tls.ts'
import type { Endpoint } from '../meters/endpoint.ts'
import type { MeterKind, Witnessed } from '../meters/meter-kind.ts'
import type { Reach } from '../meters/reach.ts'
import { meterKinds } from '../meters/table.ts'
import { countedWattHours, decodeTranscript, endpointIn } from '../meters/transcript.ts'
import type { ByteStreams } from '../network/streams.ts'
import type { Allowed } from './allowed.ts'
import { dial } from './dial.ts'
import { lookMsMax } from './limits.ts'
import { openTunnel } from './tunnel.ts'

/** What an examiner needs of the node. */
export type ExaminerParts = {
  readonly network: ByteStreams
  readonly allowed: Allowed
  readonly tls: DeviceTls
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
}

type Way = MeterKind & { readonly witnessed: Witnessed }

const hasWay = (kind: MeterKind): kind is Way => kind.witnessed !== undefined

/** The way to measure that a method stands for, where others can; undefined where they cannot. */
function wayOf(method: string): Way | undefined {
  return meterKinds.filter(hasWay).find(({ witnessed }) => witnessed.methods.includes(method))
}

/** How the device of an own proof is reached by others, and what they may send to it. */
export function tunnelEndOf(
  method: string,
  transcript: Uint8Array,
  relaySealed: boolean,
): Endpoint & { readonly readsOnly: Witnessed['readsOnly'] | null } {
  const told = decodeTranscript(transcript)
  const way = wayOf(method)
  const endpoint = told && endpointIn(told)
  if (way === undefined || told === undefined || endpoint === undefined) {
    throw new Failure('source-unavailable', 'no stream leads to that device')
  }
  const { isSealed, readsOnly } = way.witnessed
  if (!isSealed(told)) return { ...endpoint, readsOnly }
  if (relaySealed) return { ...endpoint, readsOnly: null }
  throw new Failure('not-authorised', 'its operator lets nobody send what it cannot see')
}

function countedIn(transcript: Uint8Array): number | undefined {
  const told = decodeTranscript(transcript)
  return told && countedWattHours(told)
}

/** This node's eyes on the sources of others. */
export function createExaminer(parts: ExaminerParts): Examiner {
  const { network, allowed, tls, now } = parts

  async function look(claimed: Claimed): Promise<Sight> {
    const told = decodeTranscript(claimed.transcript)
    const way = wayOf(claimed.method)
    const endpoint = told && endpointIn(told)
    const given = told && way?.witnessed.again(told)
    const source = parseSourceId(claimed.source)
    if (way === undefined || endpoint === undefined || given === undefined || 'code' in source) {
      throw new Failure('malformed', 'the transcript does not tell where the device is')
    }
    const address = await allowed.find(endpoint)
    const throughClaimant: Reach = (_endpoint, signal) =>
      openTunnel(network, { peer: claimed.peer, proof: claimed.proof }, signal)
    const byItself: Reach = ({ port }) => dial({ host: address ?? '', port })
    const reach = address === undefined ? throughClaimant : byItself
    const { pass } = claimed
    const meter = way.open(source.type, given, { now, tls, reach, pass })
    const measured = await meter.measure(AbortSignal.timeout(lookMsMax))
    const counted = countedIn(measured.transcript)
    const measurement = {
      ...measured,
      readings: {
        ...measured.readings,
        ...(counted === undefined ? {} : { counterWattHours: counted }),
      },
    }
    const isSealed = measurement.isRooted === true || measurement.isSealed === true
    const path = address !== undefined ? 'direct' : isSealed ? 'sealed' : 'relayed'
    return { path, measurement }
  }

  return {
    canReach: (method) => wayOf(method) !== undefined,
    nonce: () => randomBytes(16).toString('hex'),
    look,
    countedIn,
  }
}
