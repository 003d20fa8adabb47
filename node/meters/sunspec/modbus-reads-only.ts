import { Transform } from 'node:stream'
import { Failure } from '../../../src/index.ts'

/** Bytes ahead of a request: transaction, protocol, length (2 each) and unit. */
const headerBytes = 7
const lengthAt = 4
/** Longest part that the length counts: the unit, and a request of at most 253 bytes. */
const countedBytesMax = 254
/** Functions that read and do nothing else: coils, inputs, holding and input registers. */
const reading: ReadonlySet<number> = new Set([1, 2, 3, 4])
/** Unit, function, address and count: every request to read is as long as that. */
const countedBytes = 6

function refusal(message: string): Failure {
  return new Failure('not-authorised', `Witnesses may read, and nothing else: ${message}.`)
}

/**
 * Lets whole Modbus TCP requests through that only read, and fails with `not-authorised` on
 * anything else: requests to write, functions of their own, and what is no Modbus.
 */
export function modbusReadsOnly(): Transform {
  let held = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      held = Buffer.concat([held, chunk])
      while (held.length > headerBytes) {
        const counted = held.readUInt16BE(lengthAt)
        const code = held[headerBytes] ?? 0
        if (held.readUInt16BE(2) !== 0 || counted < 2 || counted > countedBytesMax) {
          return done(refusal('that is no Modbus'))
        }
        if (!reading.has(code) || counted !== countedBytes) {
          return done(refusal(`function ${code} does more`))
        }
        const end = headerBytes - 1 + counted
        if (held.length < end) break
        this.push(held.subarray(0, end))
        held = held.subarray(end)
      }
      return done()
    },
  })
}
