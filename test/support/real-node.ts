import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initNode } from '../../node/init.ts'
import { startNode, type RunningNode, type StartOptions } from '../../node/start.ts'
import { silentLog } from '../../node/silent-log.ts'

/** A node's directory, made for one test. */
export type RealDirectory = { readonly directory: string; readonly id: string }

/** Makes a directory for a node on loopback, in a test federation that everybody may join. */
export async function makeNode(
  name: string,
  settings: {
    readonly adp?: string
    readonly bootstrap?: readonly string[]
    readonly policy?: Readonly<Record<string, number>>
    /** Sections of `config.yaml` besides. */
    readonly sections?: object
  } = {},
): Promise<RealDirectory> {
  const directory = await mkdtemp(join(tmpdir(), `society-test-${name}-`))
  const config = {
    name,
    federation: 'test-real',
    network: {
      listen: ['/ip4/127.0.0.1/tcp/0'],
      bootstrap: settings.bootstrap ?? [],
      mdns: false,
    },
    policy: { admission: 'open', minimumOccupancy: 0, ...settings.policy },
    founding: { adp: settings.adp ?? '0' },
    cosign: { worker: 'known', beneficiary: 'known' },
    log: { level: 'warn' },
    ...settings.sections,
  }
  const id = await initNode({
    directory,
    key: { type: 'new', passphrase: null },
    // JSON is YAML.
    writeConfig: () => writeFile(join(directory, 'config.yaml'), JSON.stringify(config)),
  })
  return { directory, id }
}

/** Starts a node in this process. */
export function runNode(
  { directory }: RealDirectory,
  options: Partial<StartOptions> = {},
): Promise<RunningNode> {
  return startNode({ directory, passphrase: null, log: silentLog, ...options })
}

/** Removes what a test made. */
export async function removeNode({ directory }: RealDirectory): Promise<void> {
  await rm(directory, { recursive: true, force: true })
}

/** Waits until a condition holds; throws with `what` after `msMax`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  msMax = 30_000,
): Promise<void> {
  const end = Date.now() + msMax
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${msMax} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
