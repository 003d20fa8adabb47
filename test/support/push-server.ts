import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

const servers = new Map<Server, NodeJS.Timeout>()
const sockets = new Set<Socket>()

/** Serves on a free port of loopback what `next` gives, to everybody, again and again. */
export async function startPushing(periodMs: number, next: () => string): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  const timer = setInterval(() => {
    const text = next()
    for (const socket of sockets) socket.write(text)
  }, periodMs)
  servers.set(server, timer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Ends every such server. */
export async function stopPushing(): Promise<void> {
  const closed = [...servers].map(([server, timer]) => {
    clearInterval(timer)
    return once(server.close(), 'close')
  })
  for (const socket of sockets) socket.destroy()
  servers.clear()
  await Promise.all(closed)
}
