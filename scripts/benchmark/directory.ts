import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initNode } from '../../node/init.ts'
import { federation } from './author.ts'

/** A node's directory, made for one program. */
export type MadeDirectory = { readonly directory: string; readonly id: string }

/** Makes a directory for a node on loopback, in a test federation that everybody may join. */
export async function makeDirectory(
  name: string,
  bootstrap: readonly string[] = [],
): Promise<MadeDirectory> {
  const directory = await mkdtemp(join(tmpdir(), `society-benchmark-${name}-`))
  const config = {
    name,
    federation,
    network: { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap, mdns: false },
    policy: { admission: 'open', minimumOccupancy: 0 },
    founding: { adp: '1000000' },
    log: { level: 'error' },
  }
  // JSON is YAML.
  const writeConfig = (): Promise<void> =>
    writeFile(join(directory, 'config.yaml'), JSON.stringify(config))
  const key = { type: 'new', passphrase: null } as const
  return { directory, id: await initNode({ directory, key, writeConfig }) }
}

/** Removes what a program made. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
}

/** Bytes of all files below a folder. */
export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return bytes
}
