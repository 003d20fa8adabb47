import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** A relay on loopback between a client and a server, which keeps what the client sends. */
export type Relay = {
  readonly port: number
  /** Bytes that were sent to the server so far. */
  readonly sent: () => Buffer
}

const relays = new Set<Server>()
const sockets = new Set<Socket>()

function join(from: Socket, to: Socket): void {
  sockets.add(from)
  from.once('close', () => {
    sockets.delete(from)
    to.destroy()
  })
  from.on('error', () => undefined)
  from.pipe(to)
}

/** Starts a relay to a port of loopback. */
export async function startRelay(target: number): Promise<Relay> {
  const chunks: Buffer[] = []
  const server = createServer((client) => {
    const device = createConnection({ host: '127.0.0.1', port: target })
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    join(client, device)
    join(device, client)
  })
  relays.add(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, sent: () => Buffer.concat(chunks) }
}

/** Ends every relay. */
export async function stopRelays(): Promise<void> {
  for (const socket of sockets) socket.destroy()
  const closed = [...relays].map((relay) => once(relay.close(), 'close'))
  relays.clear()
  await Promise.all(closed)
}

/** A port of loopback where nothing listens. */
export async function absentPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
