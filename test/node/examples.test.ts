import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

describe('a society within another program', () => {
  it('is founded, refuses and writes, on ports that the program chose', async () => {
    const { stdout, stderr } = await run(process.execPath, [`${root}test/examples/embed.ts`])
    expect(stderr).toBe('')
    const { told, ...society }: Readonly<Record<string, unknown>> = JSON.parse(stdout)
    expect(society).toEqual({ name: 'embedded', adp: 1000, supply: 1000 })
    expect(told).toEqual([
      'society.found',
      'federation.join',
      'pool.open',
      'node.certify',
      'refused: unknown-reference',
      'society.amend',
    ])
  })
})

describe('what runs a node for good', () => {
  it('the unit starts the program, and hides the rest of the machine from it', async () => {
    const unit = await readFile(`${root}node/systemd/society.service`, 'utf8')
    expect(unit).toMatch(/^ExecStart=\S+\/society start --passphrase-file %d\/passphrase$/m)
    for (const line of [
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'PrivateUsers=yes',
      'RestrictNamespaces=yes',
      'CapabilityBoundingSet=',
      'UMask=0077',
      'LimitCORE=0',
    ]) {
      expect(unit.split('\n')).toContain(line)
    }
  })

  it('the container holds what the program needs, and starts it without rights', async () => {
    const file = await readFile(`${root}node/container/Containerfile`, 'utf8')
    const copied = [...file.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    )
    for (const name of copied) await run('test', ['-e', `${root}${name}`])
    expect(copied).toEqual(expect.arrayContaining(['protocol', 'src', 'node', 'package.json']))
    expect(file).toMatch(/^USER node$/m)
    expect(file.indexOf('USER node')).toBeLessThan(file.indexOf('ENTRYPOINT'))
  })
})
