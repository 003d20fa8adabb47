import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { Libp2p, Peer } from '@libp2p/interface'
import { LevelDatastore } from 'datastore-level'
import { Level } from 'level'

import { Failure } from '../../src/index.ts'
import type { Log, PeerName } from '../../src/index.ts'

/** Tag of peers that are members; libp2p closes untagged connections first. */
export const memberTag: string = 'society-member'
/** Its value; others have none. */
export const memberTagValue: number = 100

/** Metadata in which libp2p notes when a dial went well, in milliseconds as text. */
const dialSuccessKey = 'last-dial-success'

/** Folder within the given directory, so that nothing else is deleted with it. */
const ownFolder = 'peers'

/** Where libp2p keeps the peers it knows, to be opened before the node starts. */
export type PeerDatastore = {
  readonly datastore: LevelDatastore
  open(): Promise<void>
  close(): Promise<void>
}

const isLocked = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  return Reflect.get(error, 'code') === 'LEVEL_LOCKED' || isLocked(error.cause)
}

/**
 * A directory of peers and addresses. It is a cache: one that is damaged is emptied and filled
 * again by the network. Fails with `directory-in-use` when another process has it open.
 */
export const peerDatastore = (directory: string, log: Log): PeerDatastore => {
  const path = join(directory, ownFolder)
  const level = new Level<string, Uint8Array>(path, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  })
  const datastore = new LevelDatastore(level)
  const open = async (): Promise<void> => {
    try {
      await level.open()
    } catch (error) {
      if (isLocked(error)) {
        const message = `Another node has the peers in ${directory} open.`
        throw new Failure('directory-in-use', message, { cause: error })
      }
      log.warn('peer-store-emptied', { path, error: String(error) })
      await rm(path, { recursive: true, force: true })
      await level.open()
    }
  }
  return { datastore, open, close: async () => datastore.close() }
}

/** Peers of the store that are worth a dial: members, ones reached before, and others. */
export const storedPeers = async (
  libp2p: Libp2p,
): Promise<{ readonly members: readonly PeerName[]; readonly others: readonly PeerName[] }> => {
  const peers = (await libp2p.peerStore.all()).filter(({ addresses }) => addresses.length > 0)
  const [members, strangers] = split(peers, ({ tags }) => tags.has(memberTag))
  const [reached, others] = split(strangers, ({ metadata }) => metadata.has(dialSuccessKey))
  return { members: names(members), others: names([...reached, ...others]) }
}

const reachedMs = ({ metadata }: Peer): number =>
  Number(Buffer.from(metadata.get(dialSuccessKey) ?? []).toString() || 0)

/** Deletes strangers until `most` peers are left, those reached latest last; tells how many. */
export const trimPeerStore = async (
  libp2p: Libp2p,
  most: number,
  keep: (peer: PeerName) => boolean,
): Promise<number> => {
  const peers = await libp2p.peerStore.all()
  const strangers = peers
    .filter(({ id, tags }) => !tags.has(memberTag) && !keep(id.toString()))
    .toSorted((one, other) => reachedMs(one) - reachedMs(other))
  const surplus = strangers.slice(0, Math.max(0, peers.length - most))
  await Promise.all(surplus.map(async ({ id }) => libp2p.peerStore.delete(id)))
  return surplus.length
}

const names = (peers: readonly Peer[]): readonly PeerName[] => peers.map(({ id }) => id.toString())

const split = <T>(all: readonly T[], test: (one: T) => boolean): readonly [T[], T[]] => [
  all.filter((one) => test(one)),
  all.filter((one) => !test(one)),
]
