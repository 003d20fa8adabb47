import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { Client } from '../../node/client/index.ts'
import { MemoryHub } from '../support/memory-network.ts'
import { foundSociety, serve, token, until, type Society } from './api-fixture.ts'

const hub = new MemoryHub()
const societies = new Map<string, { readonly at: Society; readonly api: Api }>()

const of = (name: string): { readonly at: Society; readonly client: Client } => {
  const found = societies.get(name)
  expect(found).toBeDefined()
  const { at, api } = found as NonNullable<typeof found>
  return { at, client: new Client(api.url, token) }
}

beforeAll(async () => {
  for (const [name, federation] of [
    ['sage', 'test-api'],
    ['leaf', 'test-api'],
    ['oak', 'valley'],
  ] as const) {
    const at = await foundSociety(hub, name, '0', federation)
    societies.set(name, { at, api: await serve(at) })
  }
})

afterAll(async () => {
  for (const { at, api } of societies.values()) {
    await api.close()
    await at.replica.stop()
  }
})

describe('nodes that are to be refused', () => {
  it('lose their connections in a test federation', async () => {
    const { at, client } = of('sage')
    const { self } = of('leaf').at.network
    await until('sage and leaf are connected', () => at.network.peers().includes(self))
    const answer = await client.call('blockPeers', { body: { peers: [self] } })
    expect(answer).toEqual({ blocked: [self] })
    expect(at.network.peers()).not.toContain(self)
  })

  it('are refused in no other', async () => {
    const { at, client } = of('oak')
    const { self } = of('sage').at.network
    await until('oak and sage are connected', () => at.network.peers().includes(self))
    await expect(client.call('blockPeers', { body: { peers: [self] } })).rejects.toMatchObject({
      problem: { status: 409, code: 'not-authorised' },
    })
    expect(at.network.peers()).toContain(self)
  })
})
