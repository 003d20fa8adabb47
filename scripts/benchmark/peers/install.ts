import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** Longest time for one peer's packages, in ms. */
const installMsMax = 120_000

/** What each peer is made of: outside this project's lockfile, in a folder of its own. */
const peers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  hypercore: { hypercore: '11.35.5', 'hypercore-storage': '3.3.1' },
  orbitdb: { '@orbitdb/core': '4.0.0', helia: '6.1.4', '@libp2p/gossipsub': '15.0.23' },
  'automerge-repo': {
    '@automerge/automerge-repo': '2.5.6',
    '@automerge/automerge': '3.5.0',
    '@automerge/automerge-repo-network-websocket': '2.5.6',
    '@automerge/automerge-repo-storage-nodefs': '2.5.6',
    ws: '8.23.0',
  },
  peerbit: {
    peerbit: '5.3.22',
    '@peerbit/document': '13.1.29',
    '@peerbit/indexer-simple': '1.2.13',
    '@peerbit/program': '6.0.48',
    '@peerbit/crypto': '3.1.5',
    '@dao-xyz/borsh': '6.0.1',
    '@multiformats/multiaddr': '13.0.3',
  },
}

/** What came of installing the peers. */
export type Installed = {
  /** Newest package of each that is there. */
  readonly versions: Readonly<Record<string, string>>
  readonly names: readonly string[]
}

/** Folder of a peer's packages, kept from run to run. */
export function folderOf(peer: string): string {
  return join(tmpdir(), 'society-benchmark-peers', peer)
}

/** Installs the peers that are not there yet; what does not install is told and left out. */
export async function installPeers(tell: (line: string) => void): Promise<Installed> {
  const versions: Record<string, string> = {}
  const names: string[] = []
  for (const [name, dependencies] of Object.entries(peers)) {
    try {
      await installOne(name, dependencies, tell)
      for (const [module, version] of Object.entries(dependencies)) {
        versions[`${name}: ${module}`] = version
      }
      names.push(name)
    } catch (error) {
      tell(`${name} does not install here: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  return { versions, names }
}

async function installOne(
  name: string,
  dependencies: Readonly<Record<string, string>>,
  tell: (line: string) => void,
): Promise<void> {
  const folder = folderOf(name)
  const file = join(folder, 'package.json')
  const overrides = name === 'hypercore' ? { 'hypercore-storage': '3.3.1' } : {}
  const manifest = { name: 'peer', private: true, type: 'module', dependencies, overrides }
  const text = JSON.stringify(manifest)
  const marker = join(folder, 'installed')
  if ((await readFile(marker, 'utf8').catch(() => '')) === text) return
  tell(`installing ${name} into ${folder}`)
  await mkdir(folder, { recursive: true })
  await writeFile(file, text)
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    timeout: installMsMax,
  })
  await writeFile(marker, text)
}

/** A module of a peer's folder, in the shape that is used of it. */
export async function importPeer<T>(peer: string, module: string): Promise<T> {
  const file = join(folderOf(peer), 'package.json')
  const { resolve } = createRequire(file)
  try {
    return (await import(pathToFileURL(resolve(module)).href)) as T
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error
    return (await import(await entryOf(folderOf(peer), module))) as T
  }
}

/** The entry of a package that is for `import` alone. */
async function entryOf(folder: string, module: string): Promise<string> {
  const home = join(folder, 'node_modules', module)
  const { exports: map } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
    readonly exports?: unknown
  }
  let entry: unknown = map
  while (typeof entry === 'object' && entry !== null) {
    const branches = entry as Readonly<Record<string, unknown>>
    entry = branches['.'] ?? branches['node'] ?? branches['import'] ?? branches['default']
  }
  return pathToFileURL(join(home, String(entry))).href
}
