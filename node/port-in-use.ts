import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { Failure } from '../src/index.ts'
import type { Config } from './config/config.ts'
import { isFileError } from './store/durable-file.ts'

/** A place that a node listens at, and the key of `config.yaml` that names it. */
export type Listening = { readonly key: string; readonly host: string; readonly port: number }

/** Where the configuration has a node listen by TCP; port 0, which takes any, is left out. */
export function listeningOf({ api, network }: Pick<Config, 'api' | 'network'>): Listening[] {
  const listened = network.listen.map((address) => {
    const parts = new Map(
      multiaddr(address)
        .getComponents()
        .map(({ name, value }) => [name, value]),
    )
    const host = parts.get('ip4') ?? parts.get('ip6') ?? ''
    return { key: 'network.listen', host, port: Number(parts.get('tcp') ?? 0) }
  })
  return [{ key: 'api.port', ...api }, ...listened].filter(
    ({ host, port }) => port > 0 && host !== '',
  )
}

/** Whether somebody listens there already. What cannot be listened at is free. */
export async function isTaken({ host, port }: Listening): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host, port, ipv6Only: host.includes(':') })
    await once(server, 'listening')
    return false
  } catch (error) {
    return isFileError(error, 'EADDRINUSE')
  } finally {
    server.close()
  }
}

/** State of a socket that listens, as the kernel writes it. */
const listens = '0A'

/** Inodes of the sockets of this machine that listen at a port; none where it does not tell. */
async function socketsAt(port: number): Promise<ReadonlySet<string>> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8'))
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const texts = (await Promise.allSettled(tables)).map((table) =>
    table.status === 'fulfilled' ? table.value : '',
  )
  const rows = texts.flatMap((text) => text.split('\n').map((line) => line.trim().split(/ +/)))
  // Columns: number, local and remote address, state; the inode is the tenth.
  return new Set(
    rows.flatMap(([, local, , state, , , , , , inode]) =>
      state === listens && local?.endsWith(ending) && inode !== undefined ? [inode] : [],
    ),
  )
}

async function opensAny(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(
    files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')),
  )
  return links.some((link) => link.startsWith('socket:[') && sockets.has(link.slice(8, -1)))
}

/** The process that listens at a port, in words; undefined where this user may not see it. */
async function holderOf(port: number): Promise<string | undefined> {
  const sockets = await socketsAt(port)
  if (sockets.size === 0) return undefined
  const processes = await readdir('/proc').catch(() => [])
  for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
    if (!(await opensAny(pid, sockets))) continue
    if (Number(pid) === process.pid) return 'this node itself, for something else'
    const program = await readlink(`/proc/${pid}/exe`).catch(() => '')
    return `process ${pid}${program === '' ? '' : ` (${basename(program)})`}`
  }
  return undefined
}

/** Who listens where the configuration wants to, in words; the process where it can be known. */
export async function holderIn({ key, host, port }: Listening): Promise<string> {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const holder = (await holderOf(port)) ?? 'a program that this user may not look at'
  return `${key} is ${port}, and at ${place} listens ${holder}`
}

/** The failure of listening where somebody does already. */
export async function portInUse(listening: Listening, cause?: unknown): Promise<Failure> {
  return new Failure('port-in-use', `In config.yaml ${await holderIn(listening)}.`, { cause })
}

/** Fails with `port-in-use` where somebody listens at a place that the configuration names. */
export async function checkPorts(config: Pick<Config, 'api' | 'network'>): Promise<void> {
  for (const listening of listeningOf(config)) {
    if (await isTaken(listening)) throw await portInUse(listening)
  }
}
