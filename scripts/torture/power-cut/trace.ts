import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** One thing that a traced process did to the file system, in the order of their ends. */
export type Deed =
  | { readonly type: 'open'; readonly path: string; readonly isNew: boolean }
  | {
      readonly type: 'write'
      readonly path: string
      readonly at: number | null
      readonly data: Uint8Array
    }
  | { readonly type: 'cut'; readonly path: string; readonly bytes: number }
  | { readonly type: 'link' | 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'unlink'; readonly path: string }
  | { readonly type: 'sync'; readonly path: string }
  | { readonly type: 'say'; readonly text: string }

/** A deed with the moments at which it began and ended, in ns of one clock. */
export type Timed = { readonly began: bigint; readonly ended: bigint; readonly deed: Deed }

const calls =
  'openat,creat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,' +
  'ftruncate,truncate,link,linkat'

const bytesIn = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex')
const pathIn = (hex: string | undefined): string => bytesIn(hex ?? '').toString()

// 1795389395.868553010 pwrite64(21<\x2f...>, "\x01...", 4, 0) = 4 <0.000039>
const line = /^(\d+)\.(\d+) (\w+)\((.*)\)\s+= (-?\d+)(?:<[^>]*>)?.*<(\d+)\.(\d+)>$/

/** The paths among the arguments: of descriptors `3<path>`, and quoted ones. */
function pathsOf(given: string): { readonly open: string; readonly quoted: readonly string[] } {
  const open = pathIn(/^\d+<([^>]*)>/.exec(given)?.[1])
  const quoted = [...given.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map((match) => pathIn(match[1]))
  return { open, quoted }
}

function deedOf(call: string, given: string, result: number): Deed | undefined {
  if (call === 'write' || call === 'pwrite64') {
    const match = /^\d+<([^>]*)>, "((?:\\x[0-9a-f]{2})*)", \d+(?:, (\d+))?/.exec(given)
    const data = bytesIn(match?.[2] ?? '').subarray(0, result)
    if (given.startsWith('1<')) return { type: 'say', text: data.toString() }
    const at = match?.[3] === undefined ? null : Number(match[3])
    return { type: 'write', path: pathIn(match?.[1]), at, data }
  }
  const { open, quoted } = pathsOf(given)
  const [first = '', second = ''] = quoted
  if (call === 'fsync' || call === 'fdatasync') return { type: 'sync', path: open }
  if (call === 'ftruncate')
    return { type: 'cut', path: open, bytes: Number(given.split(', ').at(-1)) }
  if (call === 'truncate')
    return { type: 'cut', path: first, bytes: Number(given.split(', ').at(-1)) }
  if (call.startsWith('rename')) return { type: 'rename', from: first, to: second }
  if (call.startsWith('unlink')) return { type: 'unlink', path: first }
  if (call.startsWith('link')) return { type: 'link', from: first, to: second }
  if (!/O_WRONLY|O_RDWR/.test(given)) return undefined
  return { type: 'open', path: first, isNew: given.includes('O_TRUNC') }
}

function timedOf(traced: string): Timed | undefined {
  const match = line.exec(traced)
  if (match === null || Number(match[5]) < 0) return undefined
  const [, seconds = '', nanos = '', call = '', given = '', result, took = '', part = ''] = match
  const deed = deedOf(call, given, Number(result))
  if (deed === undefined) return undefined
  const began = BigInt(seconds + nanos.padEnd(9, '0'))
  return { began, ended: began + BigInt(took + part.padEnd(9, '0')), deed }
}

/**
 * Runs a program of this Node under strace: all that it did to files, and said, in the order in
 * which it ended. Throws where strace cannot be run.
 */
export async function trace(args: readonly string[]): Promise<readonly Timed[]> {
  const folder = await mkdtemp(join(tmpdir(), 'society-trace-'))
  try {
    const options = ['-ff', '-y', '-xx', '-s', '16777216', '--absolute-timestamps=unix,ns', '-T']
    const whither = ['-e', `trace=${calls}`, '-e', 'signal=none', '-o', join(folder, 'thread')]
    const child = spawn('strace', [...options, ...whither, process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const said = text(child.stderr)
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`strace ended with ${code}: ${(await said).slice(-500)}`)
    const timed: Timed[] = []
    for (const name of await readdir(folder)) {
      const lines = (await readFile(join(folder, name), 'latin1')).split('\n')
      for (const one of lines) {
        const deed = timedOf(one)
        if (deed !== undefined) timed.push(deed)
      }
    }
    return timed.toSorted((a, b) => (a.ended < b.ended ? -1 : a.ended > b.ended ? 1 : 0))
  } finally {
    await rm(folder, { recursive: true })
  }
}
