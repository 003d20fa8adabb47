import { crc32c, unmaskCrc32c } from './crc32c.ts'

/**
 * What is found in a file of LevelDB's log format, in order. `record`: a whole record with its
 * checksums right. `bad`: bytes that are no record, with more of the file behind their block.
 * `torn`: the file ends within a record, as it does when its writer was cut off.
 */
export type LogItem =
  | { readonly kind: 'record'; readonly offset: number; readonly payload: Uint8Array }
  | { readonly kind: 'bad' | 'torn'; readonly offset: number }

const blockBytes = 32_768
const headerBytes = 7
const full = 1
const first = 2
const middle = 3
const last = 4

type Fragment = { readonly type: number; readonly payload: Uint8Array; readonly end: number }

/** The fragment at `offset`; a text where there is none. */
function fragmentAt(file: Uint8Array, offset: number): Fragment | 'bad' | 'torn' {
  const blockEnd = Math.min(file.length, offset - (offset % blockBytes) + blockBytes)
  if (blockEnd - offset < headerBytes) return 'torn'
  const view = new DataView(file.buffer, file.byteOffset + offset, headerBytes)
  const start = offset + headerBytes
  const end = start + view.getUint16(4, true)
  const type = view.getUint8(6)
  if (end > blockEnd) return blockEnd === file.length ? 'torn' : 'bad'
  if (unmaskCrc32c(view.getUint32(0, true)) !== crc32c(file, start - 1, end)) return 'bad'
  if (type < full || type > last) return 'bad'
  return { type, payload: file.subarray(start, end), end }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/**
 * Reads a file of LevelDB's log format (`doc/log_format`: blocks of 32 KiB, fragments with masked
 * CRC-32C, length and type). After bad bytes it goes on with the next block, as LevelDB does.
 */
export function* readLog(file: Uint8Array): Generator<LogItem> {
  let parts: Uint8Array[] = []
  let started = 0
  // After damage, the rest of a record whose beginning was lost is part of that damage.
  let resuming = false
  let offset = 0
  while (offset < file.length) {
    const left = blockBytes - (offset % blockBytes)
    if (left < headerBytes && offset + left <= file.length) {
      offset += left
      continue
    }
    const fragment = fragmentAt(file, offset)
    if (fragment === 'torn') {
      yield { kind: 'torn', offset: parts.length > 0 ? started : offset }
      return
    }
    const fits =
      fragment !== 'bad' &&
      (fragment.type === full || fragment.type === first) === (parts.length === 0)
    if (!fits) {
      const lost = fragment !== 'bad' && resuming && fragment.type >= middle
      if (!lost) yield { kind: 'bad', offset: parts.length > 0 ? started : offset }
      resuming = true
      parts = []
      offset = lost ? fragment.end : offset + left
      continue
    }
    if (parts.length === 0) started = offset
    parts.push(fragment.payload)
    offset = fragment.end
    if (fragment.type === full || fragment.type === last) {
      yield { kind: 'record', offset: started, payload: join(parts) }
      parts = []
      resuming = false
    }
  }
  if (parts.length > 0) yield { kind: 'torn', offset: started }
}
