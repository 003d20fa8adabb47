import type { Transform } from 'node:stream'
import { moreThanReading, onlyReading } from '../only-reading.ts'

const connect = 1
const publish = 3
/** Packets that change nothing: (un)subscribe, ping, disconnect. */
const harmless: ReadonlySet<number> = new Set([8, 10, 12, 14])
/** What opens every connection: `MQTT` with its length, and version 3.1.1. */
const opening = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4])
/** A connection with a last will publishes it when it ends. */
const willFlag = 0x04
/** Requests to a GX device begin like this; what begins with W writes. */
const requests = 'R/'
/** Longest packet: topics of a few devices, in bytes. */
const packetBytesMax = 8_192

/** Length of the packet's head and of all of it; undefined while its length has not come. */
function extentOf(bytes: Buffer): { readonly head: number; readonly end: number } | undefined {
  let length = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[1 + i]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) << (7 * i)
    if ((byte & 0x80) === 0) return { head: 2 + i, end: 2 + i + length }
  }
  throw moreThanReading('that is no MQTT')
}

function expectReading(type: number, body: Buffer): void {
  if (harmless.has(type)) return
  if (type === connect) {
    const isPlain = body.subarray(0, opening.length).equals(opening)
    const flags = body[opening.length] ?? willFlag
    if (!isPlain || (flags & willFlag) !== 0) throw moreThanReading('no last will')
    return
  }
  const topicEnd = body.length < 2 ? 0 : 2 + body.readUInt16BE(0)
  const topic = body.toString('utf8', 2, topicEnd)
  if (type !== publish || !topic.startsWith(requests)) {
    throw moreThanReading(`topics that begin with ${requests} alone`)
  }
}

/** Bytes of the MQTT packet at the beginning; throws for one that may change something. */
function packetBytes(bytes: Buffer): number {
  const extent = extentOf(bytes)
  if (extent === undefined) return 0
  if (extent.end > packetBytesMax) throw moreThanReading('shorter packets')
  if (bytes.length < extent.end) return 0
  expectReading((bytes[0] ?? 0) >> 4, bytes.subarray(extent.head, extent.end))
  return extent.end
}

/** Lets MQTT packets through that a reader of a GX device needs. */
export function mqttReadsOnly(): Transform {
  return onlyReading(packetBytes)
}
