import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { pipeline } from 'node:stream'
import { createServer } from 'node:tls'
import { fail } from './device-flags.ts'

/** What a simulated device shows in TLS, and whom it lets in. PEM texts. */
export type DeviceTlsServer = {
  readonly certificate: string
  readonly key: string
  /** Who signs the certificates of its clients; without it anybody is let in. */
  readonly clients: string | undefined
}

/** Flags of devices that speak TLS. */
export const tlsFlags = {
  'tls-certificate': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-clients': { type: 'string' },
} as const

type TlsValues = { readonly [Name in keyof typeof tlsFlags]?: string | undefined }

/** Reads the files that the flags name; undefined without them. */
export function readTlsFlags(values: TlsValues): DeviceTlsServer | undefined {
  const { 'tls-certificate': certificate, 'tls-key': key, 'tls-clients': clients } = values
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined) {
    throw new TypeError('--tls-certificate and --tls-key go together')
  }
  return {
    certificate: readFileSync(certificate, 'utf8'),
    key: readFileSync(key, 'utf8'),
    clients: clients === undefined ? undefined : readFileSync(clients, 'utf8'),
  }
}

/** Serves what a port of this machine serves in the clear within TLS, and says where. */
export function serveSealed(
  { certificate, key, clients }: DeviceTlsServer,
  { host, port, inner }: { readonly host: string; readonly port: number; readonly inner: number },
  ready: (listening: object) => void,
): void {
  const server = createServer(
    {
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      ...(clients === undefined
        ? {}
        : { ca: clients, requestCert: true, rejectUnauthorized: true }),
    },
    (socket) => {
      const device = createConnection({ host: '127.0.0.1', port: inner })
      // Clients that hang up early are their own business.
      const ended = (): void => undefined
      pipeline(socket, device, ended)
      pipeline(device, socket, ended)
    },
  )
  server.on('tlsClientError', () => undefined)
  server.on('error', (error) => fail(`Cannot listen: ${error.message}`, 1))
  server.listen(port, host, () => {
    const address = server.address()
    ready({ host, port: typeof address === 'object' && address !== null ? address.port : port })
  })
}
