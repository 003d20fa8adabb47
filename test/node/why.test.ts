import { beforeAll, describe, expect, it } from 'vitest'
import { Client, type Explain } from '../../node/client/index.ts'
import { servedSocieties } from '../support/served-societies.ts'
import { ask, expectDescribed, expectProblem, measuredSource, post, token } from './api-fixture.ts'
import { directoryOf, runCli } from './cli-fixture.ts'

const { api, leaf } = await servedSocieties({ sage: '1000', leaf: '500' })
const client = new Client(api.url, token)
let batch: string

beforeAll(async () => {
  await post(api, '/v1/measurements', { type: 'solar', sunspec: '127.0.0.1:502' })
  batch = (await client.write('atp.charge', { amount: '100', source: measuredSource })).id
})

const why = (id: string): Promise<Explain> => client.call('explain', { params: { id } })
const stateOf = ({ reasons }: Explain, question: string): string | undefined =>
  reasons.find((reason) => reason.question === question)?.state
const wordsOf = ({ reasons }: Explain, question: string): string =>
  reasons.find((reason) => reason.question === question)?.because ?? ''

describe('why, of a batch', () => {
  it('says what of it is spendable, and what holds the rest', async () => {
    const before = await why(batch.slice(0, 8))
    expect(before).toMatchObject({ about: 'batch', id: batch })
    expect(stateOf(before, 'spendable')).toBe('yes')
    expect(wordsOf(before, 'spendable')).toMatch(/^100 ATP of it; it expires at \d{4}-/)
    expect(stateOf(before, 'source proven')).toBe('yes')
    const worker = leaf.replica.society().id
    const { id } = await client.write('work.allocate', { amount: '100', worker, description: 'x' })
    const after = await why(batch)
    expect(stateOf(after, 'spendable')).toBe('no')
    expect(wordsOf(after, 'spendable')).toContain('100 ATP reserved for 1 open ticket;')
    expect(after.reasons[0]?.records).toEqual([batch, id])
  })

  it('says what others miss of it', async () => {
    const { reasons } = await why(batch)
    const taken = reasons.find(({ question }) => question === 'others may take it')
    expect(taken?.because).toMatch(/^level \d, where \d is asked for/)
    expect(taken?.records).toContain(batch)
  })
})

describe('why, of a society', () => {
  it('says whether it is in sync, connected, trusted, backed', async () => {
    const leafs = await why('leaf')
    expect(leafs).toMatchObject({ about: 'society', id: leaf.replica.society().id, name: 'leaf' })
    expect(stateOf(leafs, 'member')).toBe('yes')
    expect(stateOf(leafs, 'connected')).toBe('yes')
    expect(stateOf(leafs, 'trust in sync')).not.toBe('no')
    expect(stateOf(leafs, 'trusted')).toBe('no')
    expect(wordsOf(leafs, 'trusted')).toContain('this society has not dealt with it')
    expect(stateOf(leafs, 'ATP may be taken')).toBe('unknown')
    expect(stateOf(await why('sage'), 'pool in sync')).toBe('yes')
    expectDescribed('explain', await ask(api, '/v1/why/leaf'))
  })
})

describe('why, of a peer', () => {
  it('says whose it is, and why it is not connected', async () => {
    const here = await why(leaf.network.self)
    expect(here).toMatchObject({ about: 'peer', id: leaf.network.self })
    expect(wordsOf(here, 'known whose')).toBe('leaf')
    expect(stateOf(here, 'connected')).toBe('yes')
    const away = await why('absent')
    expect(stateOf(away, 'connected')).toBe('no')
    expect(wordsOf(away, 'connected')).toBe('no answer')
    expect(stateOf(away, 'keeps to the rules')).toBe('unknown')
    expect(stateOf(away, 'known whose')).toBe('no')
  })
})

describe('why, of a record', () => {
  it('says whether it is valid, and by whom', async () => {
    const [record] = await client.call('listRecords', { query: { society: 'leaf', limit: 1 } })
    const found = await why(record?.id ?? '')
    expect(found.about).toBe('record')
    expect(stateOf(found, 'valid')).toBe('yes')
    expect(wordsOf(found, 'author honest')).toMatch(/^leaf, did:key:/)
  })

  it('is refused where nothing is known', async () => {
    expectProblem(await ask(api, `/v1/why/${'ab'.repeat(32)}:0`), 404)
    expectProblem(await ask(api, '/v1/why/nobody'), 404)
  })
})

describe('society why', () => {
  it('reads as questions and answers', async () => {
    const directory = await directoryOf(api)
    const { code, stdout } = await runCli(['why', 'leaf'], { directory })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^society leaf did:key:z6Mk\w+$/m)
    expect(stdout).toMatch(/^trusted\? +NO +trust 0/m)
  })
})
