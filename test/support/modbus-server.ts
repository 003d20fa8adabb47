import { createServer } from 'node:net'
import { ModbusTCPServer } from 'jsmodbus'
import type { RegisterMap } from '../../node/devices/sunspec-blocks.ts'
import { listen } from './loopback.ts'

/** Serves a map with jsmodbus, an implementation of Modbus that our meters do not use. */
export function serveRegisters({ base, registers }: RegisterMap): Promise<number> {
  // What is beyond the map is not there, but for where a meter looks first.
  const holding = Buffer.alloc(Math.max(base + registers.length, 40_002) * 2)
  for (const [index, word] of registers.entries()) holding.writeUInt16BE(word, (base + index) * 2)
  const server = createServer()
  const modbus = new ModbusTCPServer(server, { holding })
  server.once('close', () => modbus.removeAllListeners())
  return listen(server)
}
