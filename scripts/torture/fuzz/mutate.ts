/** Integers from 0 below `end`. */
export type Draw = (end: number) => number

/** Bytes at which readers of numbers, lengths and texts change their mind. */
const telling = [0, 1, 2, 3, 31, 32, 63, 64, 65, 127, 128, 192, 254, 255]
/** Longest input, in bytes: readers refuse far longer ones by their length alone. */
const inputBytesMax = 4_096
const editsMax = 4

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const end = Math.min(bytes.length, at + removed)
  const next = new Uint8Array(bytes.length - (end - at) + added.length)
  next.set(bytes.subarray(0, at))
  next.set(added, at)
  next.set(bytes.subarray(end), at + added.length)
  return next
}

function edited(bytes: Uint8Array, other: Uint8Array, draw: Draw): Uint8Array {
  const at = draw(bytes.length + 1)
  const byte = bytes[at] ?? 0
  const from = draw(other.length + 1)
  const piece = other.subarray(from, from + 1 + draw(24))
  switch (draw(8)) {
    case 0:
      return at < bytes.length ? bytes.with(at, byte ^ (1 << draw(8))) : bytes
    case 1:
      return at < bytes.length ? bytes.with(at, (byte + (draw(2) === 0 ? 1 : 255)) % 256) : bytes
    case 2:
      return at < bytes.length ? bytes.with(at, telling[draw(telling.length)] ?? 0) : bytes
    case 3:
      return at < bytes.length ? bytes.with(at, draw(256)) : bytes
    case 4:
      return spliced(bytes, at, 0, piece)
    case 5:
      return spliced(bytes, at, 1 + draw(8), new Uint8Array())
    case 6:
      return spliced(bytes, at, piece.length, piece)
    default:
      return draw(8) === 0 ? bytes.subarray(0, at) : spliced(bytes, at, 1, piece)
  }
}

/** An input with some edits; `other` is where pieces are taken from. */
export function mutate(bytes: Uint8Array, other: Uint8Array, draw: Draw): Uint8Array {
  let next = bytes
  for (let edits = 1 + draw(editsMax); edits > 0; edits -= 1) next = edited(next, other, draw)
  return next.length > inputBytesMax ? next.subarray(0, inputBytesMax) : next
}
