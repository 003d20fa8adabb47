import { openSync, read, write } from 'node:fs'
import koffi from 'koffi'

/** What becomes of a frame between two hosts. */
export type Verdict = (from: number, to: number) => 'pass' | 'drop'

const frameBytesMax = 2_048
const nameBytes = 16
const requestBytes = 40
/** `TUNSETIFF`, and its flags for whole Ethernet frames without a header (linux/if_tun.h). */
const tunSetInterface = 0x400454ca
const tapWithoutHeader = 0x1002
/** Bytes of an address; a first byte that is odd stands for several hosts. */
const addressBytes = 6

/** Makes a TAP interface in this process's network namespace: its descriptor. */
function openTap(name: string): number {
  const libc = koffi.load('libc.so.6')
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *given)')
  const descriptor = openSync('/dev/net/tun', 'r+')
  const request = Buffer.alloc(requestBytes)
  request.write(name, 'ascii')
  request.writeUInt16LE(tapWithoutHeader, nameBytes)
  if (ioctl(descriptor, tunSetInterface, request) !== 0) {
    throw new Error(`the interface ${name} cannot be made (errno ${koffi.errno()})`)
  }
  return descriptor
}

/** A switch in this process: each host's frames come in here, and go out where they may. */
export class Wires {
  readonly #descriptors: readonly number[]
  readonly #places: Map<string, number> = new Map()
  /** Decides on each frame; all pass until it is set. */
  verdict: Verdict = () => 'pass'
  passed = 0
  dropped = 0

  /** Makes an interface `tap<n>` for each host, to be moved to where the host lives. */
  constructor(hosts: number) {
    this.#descriptors = Array.from({ length: hosts }, (_, host) => openTap(`tap${host}`))
  }

  /** Begins to carry frames, for as long as the process lives. */
  start(): void {
    for (const host of this.#descriptors.keys()) this.#listen(host)
  }

  #listen(host: number): void {
    const frame = Buffer.alloc(frameBytesMax)
    read(this.#descriptors[host] ?? 0, frame, 0, frameBytesMax, null, (error, bytes) => {
      if (error === null) this.#carry(host, frame.subarray(0, bytes))
      // An interface that is down tells so; it comes up again.
      setImmediate(() => this.#listen(host))
    })
  }

  #carry(from: number, frame: Buffer): void {
    const source = frame.toString('hex', addressBytes, 2 * addressBytes)
    this.#places.set(source, from)
    const known = this.#places.get(frame.toString('hex', 0, addressBytes))
    const all = (frame[0] ?? 0) % 2 === 1 || known === undefined
    for (const [to, descriptor] of this.#descriptors.entries()) {
      if (to === from || (!all && to !== known)) continue
      if (this.verdict(from, to) === 'drop') {
        this.dropped += 1
        continue
      }
      this.passed += 1
      write(descriptor, frame, () => undefined)
    }
  }
}
