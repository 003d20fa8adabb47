import { isIP, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import {
  connect,
  getCACertificates,
  TLSSocket,
  type ConnectionOptions,
  type PeerCertificate,
} from 'node:tls'
import { Failure } from '../../src/index.ts'
import { propertyOf } from './property-of.ts'
import type { Reach } from './reach.ts'

/** Time to agree on keys, in ms: devices with slow processors take a second. */
const handshakeMsMax = 3_000

/** What this node shows devices that speak TLS, and whom it believes. PEM texts. */
export type DeviceTls = {
  /** Certificates of device makers: what they sign is a device's key. */
  readonly makers: readonly string[]
  /** This node's own certificate and key, for devices that ask for one. */
  readonly certificate?: string
  readonly key?: string
}

/**
 * Who may vouch for a server by its name: to this node itself whom the system believes, and whom
 * the operator named; to a witness those alone, for anybody can have a name of his own certified.
 */
export function rootsFor(reach: Reach | undefined, tls: DeviceTls | undefined): readonly string[] {
  const named = tls?.makers ?? []
  return reach === undefined ? [...getCACertificates('default'), ...named] : named
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

/** How OpenSSL calls the answer of a device to a client without a certificate that it takes. */
const wantsCertificate =
  /ALERT_(CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|HANDSHAKE_FAILURE)$/

/** How OpenSSL calls what is no TLS at all. */
const noTls = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'])

/**
 * What an error of TLS means: `source-nonsense` from what speaks none, `source-unavailable` from a
 * device that does not take our certificate, `bad-signature` from what is not as the device's key
 * sealed it; undefined for errors of anything else.
 */
export function tlsFailure(place: string, cause: unknown): Failure | undefined {
  const code = String(propertyOf(cause, 'code'))
  if (noTls.has(code)) {
    const message = `What listens at ${place} speaks no TLS; check the port, or measure without.`
    return new Failure('source-nonsense', message, { cause })
  }
  if (wantsCertificate.test(code)) {
    const message = `The device at ${place} takes no such certificate; see devices in config.yaml.`
    return new Failure('source-unavailable', message, { cause })
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
  return handshake(socket, {
    ca: [...makers],
    ...(certificate === undefined || key === undefined ? {} : { cert: certificate, key }),
    rejectUnauthorized: false,
    // Devices are named by their serial number, not by where they happen to be.
    checkServerIdentity: () => undefined,
  })
}

/**
 * TLS over a stream to a server of a name, whose certificate must be of that name and signed by one
 * of the roots, in PEM. Fails with `bad-signature` where it is not, `source-unavailable` without
 * roots, `source-nonsense` where there is no TLS, else as the stream does.
 */
export async function sealedTo(
  socket: Socket,
  host: string,
  roots: readonly string[],
): Promise<TLSSocket> {
  if (roots.length === 0) {
    socket.destroy()
    const message = `No root known here could vouch for ${host}; see devices in config.yaml.`
    throw new Failure('source-unavailable', message)
  }
  try {
    const names = isIP(host) === 0 ? { servername: host } : {}
    return await handshake(socket, { ca: [...roots], host, ...names })
  } catch (error) {
    const known = error instanceof Failure ? error : tlsFailure(host, error)
    if (known !== undefined) throw known
    const code = String(propertyOf(error, 'code'))
    if (!certificateFault.test(code)) throw error
    const message = `No root known here vouches for what answers as ${host} (${code}).`
    throw new Failure('bad-signature', `${message} Who is between?`, { cause: error })
  }
}

/** How OpenSSL and Node call what is wrong with a certificate. */
const certificateFault = /CERT|SIGNATURE|ISSUER/

function handshake(socket: Socket, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      ...options,
      // Sockets of ours have no handle of the system's, and TLS would wait for them to connect.
      socket: Duplex.from({ readable: socket, writable: socket }),
      minVersion: 'TLSv1.2',
    })
    socket.once('error', (error) => secure.destroy(error))
    // What fails later is told by whoever waits for an answer, once it is closed.
    secure.on('error', (error) => {
      reject(error)
      secure.destroy(error)
    })
    secure.once('end', () => secure.destroy())
    secure.once('close', () => reject(new Failure('source-unavailable', 'It hung up in TLS.')))
    const timer = setTimeout(() => {
      const message = 'it answers no TLS; check the port, or measure without'
      secure.destroy(new Failure('source-unavailable', message))
    }, handshakeMsMax)
    secure.once('close', () => clearTimeout(timer))
    secure.once('secureConnect', () => {
      clearTimeout(timer)
      resolve(secure)
    })
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
