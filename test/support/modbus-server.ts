import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { ModbusTCPServer } from 'jsmodbus'
import type { RegisterMap } from '../../node/devices/sunspec-blocks.ts'

let toStop: (() => unknown)[] = []

/** Has a server listen on a free port of loopback until `stopServers`. */
export async function listen(server: Server): Promise<number> {
  toStop.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Serves a map with jsmodbus, an implementation of Modbus that our meters do not use. */
export function serveRegisters({ base, registers }: RegisterMap): Promise<number> {
  // What is beyond the map is not there, but for where a meter looks first.
  const holding = Buffer.alloc(Math.max(base + registers.length, 40_002) * 2)
  for (const [index, word] of registers.entries()) holding.writeUInt16BE(word, (base + index) * 2)
  const server = createServer()
  const modbus = new ModbusTCPServer(server, { holding })
  toStop.push(() => modbus.removeAllListeners())
  return listen(server)
}

/** Ends every server. */
export async function stopServers(): Promise<void> {
  const stops = toStop
  toStop = []
  await Promise.all(stops.map((stop) => stop()))
}
