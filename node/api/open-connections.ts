import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The connections of a server, so that it can close without waiting for clients that keep theirs
 * open in case: Node's own closing spares connections on which nothing was ever asked.
 */
export class OpenConnections {
  /** Requests under way on each connection. */
  readonly #requests: Map<Socket, number> = new Map()
  #draining = false

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#requests.set(socket, 0)
      socket.once('close', () => this.#requests.delete(socket))
    })
    server.on('request', ({ socket }, response) => {
      this.#count(socket, 1)
      response.once('close', () => this.#count(socket, -1))
    })
  }

  /** Ends every connection as soon as nothing is under way on it. */
  drain(): void {
    this.#draining = true
    for (const [socket, requests] of this.#requests) if (requests === 0) socket.destroySoon()
  }

  #count(socket: Socket, change: number): void {
    const requests = (this.#requests.get(socket) ?? 0) + change
    if (!socket.destroyed) this.#requests.set(socket, requests)
    if (this.#draining && requests === 0) socket.destroySoon()
  }
}
