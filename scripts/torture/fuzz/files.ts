import { parseTelegram } from '../../../node/meters/p1/telegram.ts'
import { decodeAnswer, isAnswerTo } from '../../../node/clock/sntp-packet.ts'
import { readLog } from '../../../node/store/leveldb-log.ts'
import { readManifest } from '../../../node/store/leveldb-manifest.ts'
import { tableIsIntact } from '../../../node/store/leveldb-table.ts'
import { unsnap } from '../../../node/store/snappy.ts'
import { parseKeyFile } from '../../../node/keys/key-file.ts'
import { Failure } from '../../../src/index.ts'
import type { Target } from './target.ts'

const mark = new Uint8Array(8)

const readers: readonly ((bytes: Uint8Array) => void)[] = [
  (bytes) => void [...readLog(bytes)],
  (bytes) => void readManifest(bytes),
  (bytes) => void tableIsIntact(bytes),
  (bytes) => void unsnap(bytes, 10_000),
  (bytes) => void parseTelegram(Buffer.from(bytes).toString('latin1')),
  (bytes) => void (isAnswerTo(mark, bytes) && decodeAnswer(bytes)),
  (bytes) => void parseKeyFile('key.json', Buffer.from(bytes).toString()),
]

const telegram = '/KFM5KAIFA-METER\r\n\r\n1-3:0.2.8(42)\r\n0-0:17.0.0(016.1*kW)\r\n!ABCD\r\n'
const snapped = [3, 8, 97, 98, 99]

/** Files on disk and what devices and time servers say; the first byte picks the reader. */
export const files: Target = {
  name: 'files',
  share: 4,
  seeds: () => [
    Uint8Array.from([0, 0, 0, 0, 0, 4, 0, 1, 1, 2, 3, 4]),
    Uint8Array.from([1, 0, 0, 0, 0, 4, 0, 1, 1, 2, 3, 4]),
    Uint8Array.from([2, ...new Uint8Array(60)]),
    Uint8Array.from([3, ...snapped]),
    Uint8Array.from([4, ...Buffer.from(telegram)]),
    Uint8Array.from([5, 0x24, 1, ...new Uint8Array(46)]),
    Uint8Array.from([6, ...Buffer.from('{"format":1,"did":"x","publicKey":"","seed":{}}')]),
  ],
  read: (bytes) => {
    try {
      readers[(bytes[0] ?? 0) % readers.length]?.(bytes.subarray(1))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  },
}
