import { execFileSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RowResult } from './row.ts'

/** Root of the checkout. */
export const root: string = join(import.meta.dirname, '..', '..')

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

/** The commit that is tried; with `+` where code was changed since. */
function commitTried(): string {
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', '*.ts')
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

/** Adds a long run to the ledger of runs: what is claimed cites it, and no more than it. */
export function noteInLedger(result: RowResult): void {
  const date = new Date().toISOString()
  const line = JSON.stringify({ commit: commitTried(), date, ...result })
  appendFileSync(join(root, 'test', 'torture', 'ledger.jsonl'), `${line}\n`)
}
