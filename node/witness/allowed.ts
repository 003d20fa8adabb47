import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { Failure } from '../../src/index.ts'
import type { Endpoint } from '../meters/endpoint.ts'

/** Ranges that are no public address of anybody, of RFC 6890 and its like. */
const special: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
]

type Family = 'ipv4' | 'ipv6'

const familyOf = (address: string): Family => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function specialRanges(): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of special) list.addSubnet(network, prefix, familyOf(network))
  return list
}

const internal = specialRanges()

/** Looks a name up: all its addresses. */
export type Lookup = (name: string) => Promise<readonly string[]>

const systemLookup: Lookup = async (name) => {
  const found = await lookup(name, { all: true })
  return found.map(({ address }) => address)
}

/** An entry of `witness.allow`: where this node may dial. */
type Entry = {
  /** Any port where undefined. */
  readonly port: number | undefined
  readonly addresses: BlockList
  /** A name, in lower case, where the entry has no addresses of its own. */
  readonly name: string | undefined
}

/** Reads `HOST:PORT` or `CIDR:PORT`, the port `*` for any; undefined for anything else. */
function parseEntry(text: string): Entry | undefined {
  const match = /^(\[[0-9a-fA-F:./]+\]|[^\s:[\]]+):(\d{1,5}|\*)$/.exec(text)
  const [, where = '', at = ''] = match ?? []
  const port = at === '*' ? undefined : Number(at)
  if (match === null || (port !== undefined && (port < 1 || port > 65_535))) return undefined
  const [host = '', prefix, ...rest] = where.replace(/^\[|\]$/g, '').split('/')
  const addresses = new BlockList()
  const version = isIP(host)
  if (version === 0) {
    const isName = prefix === undefined && /^[A-Za-z0-9._-]+$/.test(host)
    return isName ? { port, addresses, name: host.toLowerCase() } : undefined
  }
  const bits = prefix === undefined ? undefined : Number(prefix)
  const isPrefix = prefix === undefined || /^\d{1,3}$/.test(prefix)
  if (!isPrefix || rest.length > 0 || (bits ?? 0) > (version === 4 ? 32 : 128)) return undefined
  if (bits === undefined) addresses.addAddress(host, familyOf(host))
  else addresses.addSubnet(host, bits, familyOf(host))
  return { port, addresses, name: undefined }
}

/** Whether a text is an entry of `witness.allow`. */
export function isAllowEntry(text: string): boolean {
  return parseEntry(text) !== undefined
}

/**
 * Where a witness dials devices itself: only what its operator has listed. A stranger names the
 * address, so that whatever is not listed is not even looked up; and a name that is listed leads to
 * no internal address, unless that is listed as well.
 */
export class Allowed {
  readonly #entries: readonly Entry[]
  readonly #lookup: Lookup

  /** Fails with `malformed` for what is no entry. */
  constructor(list: readonly string[], names: Lookup = systemLookup) {
    this.#lookup = names
    this.#entries = list.map((text) => {
      const entry = parseEntry(text)
      if (entry !== undefined) return entry
      throw new Failure(
        'malformed',
        `'${text}' is no HOST:PORT or CIDR:PORT, such as 10.0.0.0/8:502`,
      )
    })
  }

  #lists(address: string, port: number): boolean {
    return this.#entries.some(
      (entry) =>
        (entry.port === undefined || entry.port === port) &&
        entry.addresses.check(address, familyOf(address)),
    )
  }

  /** The address to dial for a device; undefined where this node may not. */
  async find({ host, port }: Endpoint): Promise<string | undefined> {
    if (isIP(host) !== 0) return this.#lists(host, port) ? host : undefined
    const name = host.toLowerCase()
    const isListed = this.#entries.some(
      (entry) => entry.name === name && (entry.port === undefined || entry.port === port),
    )
    if (!isListed) return undefined
    const addresses = await this.#lookup(name).catch(() => [])
    return addresses.find(
      (address) => !internal.check(address, familyOf(address)) || this.#lists(address, port),
    )
  }
}
