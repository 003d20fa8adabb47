import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Failure } from '../../src/index.ts'
import { createFile, readTextFile, replaceFile } from '../store/durable-file.ts'
import { directoryFileBytesMax } from './limits.ts'

/** Paths of all that a node keeps. */
export type NodeFiles = {
  /** What the operator decides. */
  readonly config: string
  /** The society's key. */
  readonly key: string
  /** The seed of the node's libp2p key. */
  readonly nodeKey: string
  /** Which process works here. */
  readonly lock: string
  /** Address of the API of the node that runs. */
  readonly api: string
  /** What callers of the API show. */
  readonly token: string
  /** What callers show that may only read. */
  readonly readToken: string
  /** Says that there is a store, since when and in which format. */
  readonly storeMarker: string
  /** Number of the newest batch known to be synced. */
  readonly storeMark: string
  /** How sources were measured, to measure them again. */
  readonly renewals: string
  /** When backups were made and read back. */
  readonly backups: string
  /** Folder of the store's LevelDB database. */
  readonly store: string
  /** Folder in which libp2p remembers peers; a cache. */
  readonly peers: string
}

/** Names of everything in a node's directory. */
export function nodeFiles(directory: string): NodeFiles {
  return {
    config: join(directory, 'config.yaml'),
    key: join(directory, 'key.json'),
    nodeKey: join(directory, 'node-key.json'),
    lock: join(directory, 'node.lock'),
    api: join(directory, 'api'),
    token: join(directory, 'token'),
    readToken: join(directory, 'token-read'),
    storeMarker: join(directory, 'store.json'),
    storeMark: join(directory, 'store.mark'),
    renewals: join(directory, 'renewals.json'),
    backups: join(directory, 'backups.json'),
    store: join(directory, 'store'),
    peers: join(directory, 'peers'),
  }
}

/** The node's directory: `--dir`, else the variable SOCIETY_DIR, else `~/.society`; absolute. */
export function nodeDirectory(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const variable = environment['SOCIETY_DIR']
  // An empty variable is one that was not set, not the current directory.
  return resolve(flag ?? (variable ? variable : join(homedir(), '.society')))
}

/** Makes the directory where there is none, for its owner alone. */
export async function makeNodeDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
}

const newToken = (): string => `${randomBytes(32).toString('hex')}\n`

/** Makes new tokens of the API, 32 random bytes in hex, mode 0600; those before end. */
export async function createTokens(directory: string): Promise<void> {
  const files = nodeFiles(directory)
  await replaceFile(files.token, newToken())
  await replaceFile(files.readToken, newToken())
}

async function tokenIn(path: string): Promise<string> {
  const token = (await readTextFile(path, directoryFileBytesMax))?.trim()
  if (token !== undefined && /^[0-9a-f]{64}$/.test(token)) return token
  throw new Failure(
    'malformed',
    token === undefined ? `There is no ${path}; ${remade}` : `${path} holds no token; ${remade}`,
  )
}

/** The token of the API, which `init` makes and nothing else. None or not one: `malformed`. */
export function readToken(directory: string): Promise<string> {
  return tokenIn(nodeFiles(directory).token)
}

/** The token for reading alone; made where a directory has none yet. Not one: `malformed`. */
export async function openReadToken(directory: string): Promise<string> {
  const path = nodeFiles(directory).readToken
  await createFile(path, newToken())
  return tokenIn(path)
}

const remade =
  "'society init' makes it with a new node. For a node that is there, write 64 hex digits " +
  'into it, such as `openssl rand -hex 32` prints, let nobody else read it, and restart the node.'

/** Tells where the API answers, for commands that look for the node. */
export async function writeApiAddress(directory: string, address: string): Promise<void> {
  await replaceFile(nodeFiles(directory).api, `${address}\n`)
}

/** Where the API of the node answers or last did; undefined where none has run or it ended. */
export async function readApiAddress(directory: string): Promise<string | undefined> {
  return (await readTextFile(nodeFiles(directory).api, directoryFileBytesMax))?.trim()
}

/** Takes the address back when the node ends. */
export async function removeApiAddress(directory: string): Promise<void> {
  await rm(nodeFiles(directory).api, { force: true })
}
