import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { servedSocieties } from '../support/served-societies.ts'
import { ask, expectProblem, post, serve } from './api-fixture.ts'
import { expectDescribed } from './api-fixture.ts'
import type { Answered } from './api-fixture.ts'

const bundleBytesMax = 120_000
const minuteMs = 60_000
const builder = join(import.meta.dirname, '../../scripts/dashboard.ts')
const directory = mkdtempSync(join(tmpdir(), 'society-dashboard-'))

let now = Date.UTC(2026, 5, 21)
execFileSync(process.execPath, [builder, directory])
const { api, sage } = await servedSocieties({ sage: '0' }, { dashboard: directory, now: () => now })

afterAll(async () => {
  rmSync(directory, { recursive: true })
})

async function exchange(code: unknown): Promise<Answered> {
  const answer = await fetch(`${api.url}/v1/dashboard/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  const body = await answer.json()
  return { status: answer.status, headers: answer.headers, body }
}

async function codeFor(access?: string): Promise<unknown> {
  const answer = await post(api, '/v1/dashboard/codes', access === undefined ? {} : { access })
  expectDescribed('makeDashboardCode', answer)
  return answer.body['code']
}

/** Status of what a session's token is answered. */
async function knock(session: Answered, method: string, path: string): Promise<number> {
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${String(session.body['token'])}`,
      'content-type': 'application/json',
    },
    ...(method === 'GET' ? {} : { body: JSON.stringify({ kind: 'citizenship.leave' }) }),
  })
  await answer.text()
  return answer.status
}

describe('a code for the dashboard', () => {
  it('opens one session, once', async () => {
    const code = await codeFor()
    const session = await exchange(code)
    expectDescribed('openDashboardSession', session)
    expect(session.body['access']).toBe('write')
    expect(await knock(session, 'GET', '/v1/status')).toBe(200)
    // 409: it was let in, and the rules refused.
    expect(await knock(session, 'POST', '/v1/records')).toBe(409)
    expectProblem(await exchange(code), 401)
  })

  it('opens nothing after five minutes', async () => {
    const code = await codeFor()
    const late = await codeFor()
    now += 5 * minuteMs - 1
    expect((await exchange(code)).status).toBe(201)
    now += 1
    expectProblem(await exchange(late), 401)
  })

  it('opens a session that may only look', async () => {
    const session = await exchange(await codeFor('read'))
    expect(session.body['access']).toBe('read')
    expect(await knock(session, 'GET', '/v1/status')).toBe(200)
    expect(await knock(session, 'POST', '/v1/records')).toBe(403)
    expect(await knock(session, 'POST', '/v1/dashboard/codes')).toBe(403)
  })

  it('is neither guessed nor made by those who are not admitted', async () => {
    expectProblem(await exchange('0'.repeat(64)), 401)
    expectProblem(await exchange(7), 400)
    const answer = await fetch(`${api.url}/v1/dashboard/codes`, { method: 'POST' })
    expect(answer.status).toBe(401)
  })

  it('admits for a day', async () => {
    const session = await exchange(await codeFor())
    now += 24 * 60 * minuteMs - 1
    expect(await knock(session, 'GET', '/v1/status')).toBe(200)
    now += 1
    expect(await knock(session, 'GET', '/v1/status')).toBe(401)
  })
})

describe('the dashboard’s files', () => {
  it('are served to whoever asks, and take nothing from elsewhere', async () => {
    const page = await fetch(`${api.url}/`)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|http/)
    const html = await page.text()
    const paths = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
    expect(paths.length).toBeGreaterThanOrEqual(3)
    for (const path of paths) {
      expect(path).toMatch(/^\/assets\//)
      const file = await fetch(`${api.url}${path}`)
      expect({ path, status: file.status }).toEqual({ path, status: 200 })
      expect(file.headers.get('cache-control')).toContain('immutable')
    }
    expect(html).not.toMatch(/<style|<script(?! type="module" crossorigin src=)| style=| on\w+=/)
  })

  it('are all there is: nothing else of the disk is', async () => {
    for (const path of ['/assets/..%2f..%2fpackage.json', '/assets/nothing.js', '/index.html']) {
      const answer = await fetch(`${api.url}${path}`)
      expect({ path, isThere: answer.ok }).toEqual({ path, isThere: false })
    }
  })

  it(`are below ${bundleBytesMax} bytes together, compressed`, () => {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    const sizes = files
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => gzipSync(readFileSync(join(parentPath, name))).length)
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThan(bundleBytesMax)
  })

  it('tell how to build them where they are not built', async () => {
    const bare = await serve(sage, { dashboard: join(directory, 'nowhere') })
    const answer = await fetch(`${bare.url}/`)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('npm run dashboard')
    expect((await ask(bare, '/v1/status')).status).toBe(200)
    await bare.close()
  })
})
