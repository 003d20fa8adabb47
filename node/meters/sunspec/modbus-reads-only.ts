import type { Transform } from 'node:stream'
import { moreThanReading, onlyReading } from '../only-reading.ts'

/** Bytes ahead of a request: transaction, protocol, length (2 each) and unit. */
const headerBytes = 7
const lengthAt = 4
/** Functions that read and do nothing else: coils, inputs, holding and input registers. */
const reading: ReadonlySet<number> = new Set([1, 2, 3, 4])
/** Unit, function, address and count: every request to read is as long as that. */
const countedBytes = 6

/** Bytes of the Modbus TCP request at the beginning; throws for one that does more than read. */
function requestBytes(bytes: Buffer): number {
  if (bytes.length <= headerBytes) return 0
  const code = bytes[headerBytes] ?? 0
  if (bytes.readUInt16BE(2) !== 0) throw moreThanReading('that is no Modbus')
  if (!reading.has(code) || bytes.readUInt16BE(lengthAt) !== countedBytes) {
    throw moreThanReading(`Modbus function ${code} does more`)
  }
  const end = headerBytes - 1 + countedBytes
  return bytes.length < end ? 0 : end
}

/** Lets Modbus TCP requests through that read. */
export function modbusReadsOnly(): Transform {
  return onlyReading(requestBytes)
}
