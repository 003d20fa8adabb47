import { createConnection, type Socket } from 'node:net'
import { Failure } from '../../src/index.ts'
import type { Endpoint } from '../meters/endpoint.ts'
import { dialMsMax } from './limits.ts'

/** Connects to a device for a witness. Fails with `source-unavailable`. */
export function dial({ host, port }: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, noDelay: true, timeout: dialMsMax })
    const fail = (cause: unknown): void => {
      socket.destroy()
      reject(new Failure('source-unavailable', 'the device does not answer just now', { cause }))
    }
    socket.once('error', fail).once('timeout', fail)
    socket.once('connect', () => {
      socket.off('timeout', fail).setTimeout(0)
      resolve(socket)
    })
  })
}
