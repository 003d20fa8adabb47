import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

import { Failure } from '../../src/index.ts'
import type { PeerName } from '../../src/index.ts'

const parse = <T>(text: string, what: string, read: (text: string) => T): T => {
  try {
    return read(text)
  } catch (error) {
    throw new Failure('malformed', `${text} is not ${what}.`, { cause: error })
  }
}

/** Reads a multiaddr such as `/ip4/192.0.2.7/tcp/4001`; fails with `malformed`. */
export const parseAddress = (text: string): Multiaddr =>
  parse(text, 'a multiaddr such as /ip4/192.0.2.7/tcp/4001', (address) => multiaddr(address))

/** Reads the name of a peer; fails with `malformed`. */
export const parsePeer = (text: PeerName): PeerId =>
  parse(text, 'the name of a peer', (name) => peerIdFromString(name))

/** The peer that an address ends in, if it names one. */
export const peerOfAddress = (address: Multiaddr): PeerName | undefined =>
  address.getComponents().findLast(({ name }) => name === 'p2p')?.value

/** Whether a text is the name of a peer, in the form that all use. */
export const isPeerName = (text: string): boolean => {
  try {
    return peerIdFromString(text).toString() === text
  } catch {
    return false
  }
}

/** The IP address that an address begins with, if it does. */
export const ipOfAddress = (address: Multiaddr): string | undefined =>
  address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value
