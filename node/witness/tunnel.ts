import type { Socket } from 'node:net'
import { pipeline, Transform } from 'node:stream'
import { bytesOfRecordId, codes, recordIdOfBytes, type Code } from '../../protocol/index.ts'
import type { RecordId } from '../../protocol/index.ts'
import { Failure, protocols, refused, type Log, type PeerName } from '../../src/index.ts'
import type { Endpoint } from '../meters/endpoint.ts'
import type { ByteStreams } from '../network/streams.ts'
import { openingMsMax, refusalBytesMax, tunnelBytesMax, tunnelMsMax } from './limits.ts'
import { dial } from './dial.ts'
import { readExactly } from './read-exactly.ts'

/** Where a tunnel leads, and what may be sent through it; null where nobody between can see. */
export type TunnelEnd = Endpoint & { readonly readsOnly: (() => Transform) | null }

/** What serving tunnels needs of the node. */
export type TunnelParts = {
  readonly network: ByteStreams
  readonly log: Log
  /** Where the device of a proof is, for a node that may look at it. Throws the refusal. */
  readonly endFor: (proof: RecordId, peer: PeerName) => TunnelEnd
}

const proofBytes = 34
const opened = 1

/** Passes bytes on up to a limit, then fails. */
function limited(): Transform {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      if (passed <= tunnelBytesMax) done(null, chunk)
      else done(new Failure('too-large', `A tunnel passes at most ${tunnelBytesMax} bytes.`))
    },
  })
}

/** Passes bytes both ways until either side ends, something unfit is sent, or time is over. */
function pass(socket: Socket, device: Socket, readsOnly: TunnelEnd['readsOnly'], log: Log): void {
  const late = setTimeout(() => socket.destroy(), tunnelMsMax)
  const end = (error?: Error | null): void => {
    if (error instanceof Failure) {
      log.info('tunnel-cut', { code: error.code, message: error.message })
    }
    clearTimeout(late)
    device.destroy()
    socket.destroySoon()
  }
  const guard = readsOnly === null ? [] : [readsOnly()]
  pipeline([socket, limited(), ...guard, device], (error) => error && end(error))
  pipeline([device, limited(), socket], end)
}

async function serve(parts: TunnelParts, peer: PeerName, socket: Socket): Promise<void> {
  const { log, endFor } = parts
  try {
    const asked = await readExactly(socket, proofBytes, openingMsMax)
    const end = endFor(recordIdOfBytes(asked), peer)
    const device = await dial(end)
    socket.write(Uint8Array.of(opened))
    pass(socket, device, end.readsOnly, log)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    log.info('tunnel-refused', { peer, code: error.code, message: error.message })
    socket.end(refused(error))
  }
}

/** Leads witnesses that were asked to this node's own devices, and nobody anywhere else. */
export function serveTunnels(parts: TunnelParts): void {
  parts.network.serveBytes(protocols.tunnel, (peer, socket) => {
    serve(parts, peer, socket).catch((error: unknown) => {
      parts.log.error('tunnel-failed', { error: String(error) })
      socket.destroy()
    })
  })
}

async function refusalIn(socket: Socket): Promise<Failure> {
  let text = ''
  const timer = setTimeout(() => socket.destroy(), openingMsMax)
  try {
    for await (const chunk of socket) {
      text += String(chunk)
      if (text.length > refusalBytesMax) break
    }
  } catch {
    // What was read so far says why.
  } finally {
    clearTimeout(timer)
  }
  const [code = '', ...words] = text.slice(0, refusalBytesMax).split(' ')
  const known = Object.hasOwn(codes, code) ? (code as Code) : 'peer-unavailable'
  return new Failure(known, `the claimant’s node opens no tunnel: ${words.join(' ')}`)
}

/** Opens a tunnel to the device of a proof. Fails as the claimant's node refuses. */
export async function openTunnel(
  network: ByteStreams,
  { peer, proof }: { readonly peer: PeerName; readonly proof: RecordId },
  signal: AbortSignal,
): Promise<Socket> {
  const socket = await network.openBytes(peer, protocols.tunnel, signal)
  socket.on('error', () => undefined)
  try {
    socket.write(bytesOfRecordId(proof))
    const [answer] = await readExactly(socket, 1, openingMsMax)
    if (answer !== opened) throw await refusalIn(socket)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}
