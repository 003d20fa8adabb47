import { once } from 'node:events'
import type { Server } from 'node:net'

const servers = new Set<Server>()

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Has a server listen on a free port of loopback until `stopServers`. */
export async function listen(server: Server): Promise<number> {
  servers.add(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return portOf(server)
}

/** Has every server listen no more; what is connected stays so. */
export async function stopServers(): Promise<void> {
  for (const server of servers) server.close()
  servers.clear()
}
