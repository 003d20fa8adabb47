import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect, TLSSocket, type PeerCertificate } from 'node:tls'
import { Failure } from '../../src/index.ts'
import { propertyOf } from './property-of.ts'

/** What this node shows devices that speak TLS, and whom it believes. PEM texts. */
export type DeviceTls = {
  /** Certificates of device makers: what they sign is a device's key. */
  readonly makers: readonly string[]
  /** This node's own certificate and key, for devices that ask for one. */
  readonly certificate?: string
  readonly key?: string
}

/** What a device's certificate says. */
export type DeviceCertificate = {
  /** SHA-256 of the certificate, as 32 pairs of hex digits. */
  readonly fingerprint: string
  /** The subject's serialNumber; empty where it has none. */
  readonly serialNumber: string
  /** Whether one of the makers signed it, and it is valid now. */
  readonly isSigned: boolean
}

/** How OpenSSL calls what is no TLS at all. */
const noTls = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'])

/**
 * What an error of TLS means: `source-nonsense` from what speaks none, `bad-signature` from what is
 * not as the device's key sealed it; undefined for errors of anything else.
 */
export function tlsFailure(place: string, cause: unknown): Failure | undefined {
  const code = String(propertyOf(cause, 'code'))
  if (noTls.has(code)) {
    const message = `What listens at ${place} speaks no TLS; check the port, or measure without.`
    return new Failure('source-nonsense', message, { cause })
  }
  if (!code.startsWith('ERR_SSL_') && !code.startsWith('ERR_TLS_')) return undefined
  const message = `What came from ${place} is not what its device sealed (${code}); who is between?`
  return new Failure('bad-signature', message, { cause })
}

/**
 * TLS over a stream to a device. Whose key it is, is asked afterwards, for many devices sign their
 * own. Fails with `source-nonsense` where there is no TLS, else as the stream does.
 */
export function sealed(
  socket: Socket,
  { makers, certificate, key }: DeviceTls,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      // Sockets of ours have no handle of the system's, and TLS would wait for them to connect.
      socket: Duplex.from({ readable: socket, writable: socket }),
      ca: [...makers],
      ...(certificate === undefined || key === undefined ? {} : { cert: certificate, key }),
      rejectUnauthorized: false,
      // Devices are named by their serial number, not by where they happen to be.
      checkServerIdentity: () => undefined,
      minVersion: 'TLSv1.2',
    })
    socket.once('error', (error) => secure.destroy(error))
    // What fails later is told by whoever waits for an answer.
    secure.on('error', reject)
    secure.once('close', () => reject(new Failure('source-unavailable', 'It hung up in TLS.')))
    secure.once('secureConnect', () => resolve(secure))
  })
}

function isCertificate(value: PeerCertificate | object): value is PeerCertificate {
  return 'fingerprint256' in value
}

/** The certificate that was shown on a stream; undefined where it is not sealed. */
export function certificateOf(
  socket: Socket,
  makers: readonly string[],
): DeviceCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const shown: PeerCertificate | object = socket.getPeerCertificate()
  if (!isCertificate(shown)) return undefined
  const serial: unknown = propertyOf(shown.subject, 'serialNumber')
  return {
    fingerprint: shown.fingerprint256.replaceAll(':', '').toLowerCase(),
    serialNumber: typeof serial === 'string' ? serial : '',
    isSigned: makers.length > 0 && socket.authorized,
  }
}
