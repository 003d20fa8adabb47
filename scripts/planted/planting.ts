import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { PlantedFault } from './planted-fault.ts'

/** What a run of test files came to. */
export type Verdict =
  | { readonly type: 'green' }
  /** The first test that failed, and its file. */
  | { readonly type: 'red'; readonly file: string; readonly test: string }
  /** Nothing was learnt: a file could not be loaded, or the run did not end. */
  | { readonly type: 'unclear'; readonly why: string }

/** After how long a run is given up, in ms: far more than it takes where others are at work. */
const fileMsMax = 300_000
const manyFilesMsMax = 1_200_000
const leftOut: ReadonlySet<string> = new Set(['node_modules', '.git', 'coverage', 'dist'])

type Report = {
  readonly testResults: readonly {
    readonly name: string
    readonly message?: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** A copy of the checkout into which one fault at a time is planted. */
export class Field {
  readonly root: string
  readonly #report: string

  constructor(checkout: string) {
    this.root = mkdtempSync(join(tmpdir(), 'planted-'))
    this.#report = join(this.root, 'report.json.log')
    cpSync(checkout, this.root, {
      recursive: true,
      filter: (path) => !leftOut.has(relative(checkout, path).split('/')[0] ?? ''),
    })
    symlinkSync(join(checkout, 'node_modules'), join(this.root, 'node_modules'))
  }

  /** Puts a fault in, does something, and takes it out again. Throws where its text is not once. */
  async with<T>(fault: PlantedFault, run: () => Promise<T>): Promise<T> {
    const path = join(this.root, fault.file)
    const sound = readFileSync(path, 'utf8')
    writeFileSync(path, planted(sound, fault))
    try {
      return await run()
    } finally {
      writeFileSync(path, sound)
    }
  }

  /** Runs test files until the first failure. */
  async test(files: readonly string[]): Promise<Verdict> {
    rmSync(this.#report, { force: true })
    const msMax = files.length === 1 ? fileMsMax : manyFilesMsMax
    const isOver = await this.#vitest(files, msMax)
    if (!isOver) return { type: 'unclear', why: `did not end within ${msMax / 1_000} s` }
    if (!existsSync(this.#report)) return { type: 'unclear', why: 'ended without a report' }
    const { testResults } = JSON.parse(readFileSync(this.#report, 'utf8')) as Report
    for (const { name, assertionResults } of testResults) {
      const failed = assertionResults.find(({ status }) => status === 'failed')
      if (failed === undefined) continue
      return { type: 'red', file: relative(this.root, name), test: failed.fullName }
    }
    const silent = testResults.find(({ assertionResults }) => assertionResults.length === 0)
    if (silent === undefined) return { type: 'green' }
    const { name, message = '' } = silent
    return { type: 'unclear', why: `${relative(this.root, name)}: ${message.split('\n')[0]}` }
  }

  /** Whether the run came to its end by itself. */
  #vitest(files: readonly string[], msMax: number): Promise<boolean> {
    const vitest = join(this.root, 'node_modules', 'vitest', 'vitest.mjs')
    const options = ['run', '--bail=1', '--reporter=json', `--outputFile=${this.#report}`]
    // A group of its own, so that what tests start ends with it.
    const child = spawn(process.execPath, [vitest, ...options, ...files], {
      cwd: this.root,
      stdio: 'ignore',
      detached: true,
    })
    return new Promise((resolve) => {
      let isOver = true
      const timer = setTimeout(() => {
        isOver = false
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      }, msMax)
      child.once('exit', () => {
        clearTimeout(timer)
        resolve(isOver)
      })
    })
  }

  /** Takes the copy away. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** A file's text with a fault in it. Throws TypeError where what it replaces is not there once. */
export function planted(sound: string, { name, file, text, replacement }: PlantedFault): string {
  const [before, after, ...more] = sound.split(text)
  if (before === undefined || after === undefined || more.length > 0) {
    const times = sound.split(text).length - 1
    throw new TypeError(`'${name}': its text is ${times} times in ${file}, not once`)
  }
  return `${before}${replacement}${after}`
}
