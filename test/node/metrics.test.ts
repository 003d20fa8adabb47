import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { servedSocieties } from '../support/served-societies.ts'
import { ask, expectDescribed, post, readToken } from './api-fixture.ts'

const { api } = await servedSocieties({ sage: '1000' })
let text: string

const metricsOf = async (at: Api): Promise<string> =>
  (await fetch(`${at.url}/metrics`, { headers: { authorization: `Bearer ${readToken}` } })).text()

beforeAll(async () => {
  await post(api, '/v1/measurements', { type: 'solar', sunspec: '127.0.0.1:502' })
  text = await metricsOf(api)
})

/** Names in the text, without the suffixes of a histogram's series. */
const namesIn = (metrics: string): ReadonlySet<string> =>
  new Set([...metrics.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name))

const units = /_(seconds|bytes|watts|watthours|ratio|total|changes|entries|requests)$/
// What counts things that are named already, or says yes or no.
const unitless = new Set(
  'info signs restoring peers members tickets event_clients renewals_failing equivocated_societies'
    .split(' ')
    .concat('checkpoint_signatures')
    .map((name) => `society_${name}`),
)

describe('metrics', () => {
  it('tell the figures of the node, in the units of their names', () => {
    expect(text).toMatch(/^society_adp_watthours\{state="pool"\} 1000$/m)
    expect(text).toMatch(
      /^society_source_capacity_watts\{source="solar:[^"]+",state="valid"\} 285$/m,
    )
    expect(text).toMatch(/^society_signs 1$/m)
    expect(text).toMatch(/^society_network_events_total\{event="gossip.received"\} 2$/m)
    expect(text).toMatch(/^society_document_changes\{society="did:key:\w+",document="pool"\} \d+$/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
    const labels = '{method="POST",route="/v1/measurements",status="201"}'
    expect(text).toContain(`\nsociety_http_request_duration_seconds_count${labels} 1\n`)
  })

  it('tell how old checkpoints are, and what is kept and dropped of history', () => {
    expect(text).toMatch(/^society_checkpoint_age_seconds\{document="pool"\} Nan$/m)
    expect(text).toMatch(/^society_history_changes\{age="older"\} 0$/m)
    expect(text).toMatch(/^society_history_dropped_changes_total 0$/m)
    expect(text).toMatch(/^society_history_dropped_bytes_total 0$/m)
    expect(text).toMatch(/^society_store_bytes 4096$/m)
  })

  it('have their unit in their name', () => {
    const own = [...namesIn(text)].filter((name) => name.startsWith('society_'))
    expect(own.length).toBeGreaterThan(30)
    expect(own.filter((name) => !units.test(name) && !unitless.has(name))).toEqual([])
  })

  it('do not grow by being asked for again', async () => {
    const again = await metricsOf(api)
    expect([...namesIn(again)]).toEqual([...namesIn(text)])
    expect(again).toMatch(/^society_network_events_total\{event="gossip.received"\} 2$/m)
  })
})

describe('checkpoints', () => {
  it('are told as they are described, before the first look and after one', async () => {
    const before = await ask(api, '/v1/checkpoints')
    expectDescribed('getCheckpoints', before)
    expect(before.body).toMatchObject({ keep: 'all', witnesses: 0, lookedAt: null, documents: [] })
    const after = await ask(api, '/v1/checkpoints', { method: 'POST' })
    expectDescribed('writeCheckpoints', after)
    expect(after.body).toMatchObject({ lookedAt: expect.any(String), storeBytes: 4_096 })
    expect(after.body['documents']).toHaveLength(2)
  })
})

describe('vitals', () => {
  it('are as they are described', async () => {
    const answered = await ask(api, '/v1/vitals')
    expectDescribed('getVitals', answered)
    expect(answered.body).toMatchObject({ sync: [], bond: null, restoring: false, witnesses: [] })
    expect(answered.body['queues']).toContainEqual({
      what: 'jobs',
      size: 0,
      max: expect.any(Number),
    })
  })
})

const monitoring = fileURLToPath(new URL('../../node/monitoring/', import.meta.url))

describe('the dashboard and the alert rules', async () => {
  const files = await readdir(monitoring)
  it.each(files)('%s names metrics that there are', async (file) => {
    const named = (await readFile(`${monitoring}${file}`, 'utf8')).match(
      /\b(society|process|nodejs)_[a-z_]+/g,
    )
    const known = namesIn(text)
    const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '')
    const unknown = new Set(named?.filter((name) => !known.has(name) && !known.has(base(name))))
    expect([...unknown]).toEqual([])
    expect(new Set(named).size).toBeGreaterThan(10)
  })
})
