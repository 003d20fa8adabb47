import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { routes } from '../../node/api/routes/all.ts'
import { stopNode } from '../../node/cli/stop.ts'
import { Client, NoAnswer, NoNode, operationPlaces, Refusal } from '../../node/client/index.ts'
import { clientFiles } from '../../scripts/client/operations.ts'
import { servedSocieties } from '../support/served-societies.ts'
import { nodeFiles } from '../../node/config/directory.ts'
import { diagnose, gather } from '../../node/doctor/examine.ts'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { token } from './api-fixture.ts'
import { newDirectory } from './cli-fixture.ts'

const { api } = await servedSocieties({ sage: '1000' })

describe('the types of the client', () => {
  it.each([...clientFiles(routes)])('%s says what the schemas say', async (path, text) => {
    const file = fileURLToPath(new URL(`../../${path}`, import.meta.url))
    expect(await readFile(file, 'utf8'), 'run npm run client').toBe(text)
  })

  it('has every operation that answers JSON', () => {
    const others = routes.map(({ id }) => id).filter((id) => !Object.hasOwn(operationPlaces, id))
    expect(others).toEqual(['backUp', 'getBackingFile', 'followEvents', 'getMetrics'])
  })
})

describe('a client', () => {
  it('asks and writes by the names of the API’s description', async () => {
    const client = new Client(api.url, token)
    expect((await client.call('getStatus')).name).toBe('sage')
    const society = await client.call('getSociety', { params: { id: 'sage' } })
    expect(society.adp.pool).toBe(1000)
    const observed = client.write('trust.observe', { subject: 'sage', success: undefined })
    await expect(observed).rejects.toBeInstanceOf(Refusal)
    const kept = await client.call('listRecords', { query: { kind: 'pool.open', limit: 1 } })
    expect(kept).toMatchObject([{ kind: 'pool.open', void: null }])
    expect(await client.pastEvents()).toMatchObject({ 0: { id: 1 } })
  })

  it('fails with what the node says, and where there is none', async () => {
    const stranger = new Client(api.url, 'cd'.repeat(32))
    await expect(stranger.call('getStatus')).rejects.toMatchObject({
      problem: { status: 401, code: 'not-authorised' },
    })
    const client = new Client(api.url, token)
    const asked = client.call('getSociety', { params: { id: 'no/such?society' } })
    await expect(asked).rejects.toMatchObject({ problem: { status: 404 } })
    const nobody = new Client('http://127.0.0.1:1', token)
    await expect(nobody.call('getHealth')).rejects.toBeInstanceOf(NoNode)
  })

  it('does not wait for ever for a node that hangs, and tells what to do', async () => {
    const hanging = createServer().listen(0, '127.0.0.1')
    await once(hanging, 'listening')
    const { port } = hanging.address() as AddressInfo
    const directory = await newDirectory()
    const lock = await lockDirectory(directory)
    const client = new Client(`http://127.0.0.1:${port}`, token).within(200)
    const asked = client.call('getStatus')
    await expect(asked).rejects.toBeInstanceOf(NoAnswer)
    await expect(asked).rejects.toThrow('has not answered within 0.2 s')
    await expect(client.bytes('POST', '/v1/backup', {}).next()).rejects.toBeInstanceOf(NoAnswer)
    const events = client.events('0', new AbortController().signal)
    await expect(events.next()).rejects.toBeInstanceOf(NoAnswer)
    const context = { directory, client: async () => client, tell: () => undefined }
    await expect(stopNode(context, 200)).rejects.toThrow(`kill -9 ${process.pid}`)
    await writeFile(nodeFiles(directory).key, '{}')
    const { checks } = diagnose(await gather(directory, async () => client))
    expect(checks.find(({ code }) => code === 'node-answers')).toMatchObject({ state: 'ill' })
    await lock.release()
    hanging.close()
  })

  it('follows events until it is told to stop', async () => {
    const stop = new AbortController()
    const types: string[] = []
    for await (const { type } of new Client(api.url, token).events('0', stop.signal)) {
      types.push(type)
      if (types.length === 2) break
    }
    stop.abort()
    expect(types).toEqual(['record', 'record'])
  })
})
