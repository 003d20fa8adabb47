import { afterAll } from 'vitest'
import type { ApiOptions } from '../../node/api/context.ts'
import type { Api } from '../../node/api/server.ts'
import { foundSociety, serve, until, type Society } from '../node/api-fixture.ts'
import { MemoryHub } from './memory-network.ts'

/** Societies by their names, and the API of the first. */
type Served<Name extends string> = { readonly api: Api } & Readonly<Record<Name, Society>>

/**
 * Founds societies of one hub, by name with their ADP, and serves the API of the first; all is
 * closed when the tests of the file are over. Each has the documents of all by then.
 */
export async function servedSocieties<Name extends string>(
  adp: Readonly<Record<Name, string>>,
  changes: Partial<ApiOptions> = {},
): Promise<Served<Name>> {
  const hub = new MemoryHub()
  const found: [string, Society][] = []
  for (const [name, amount] of Object.entries<string>(adp)) {
    found.push([name, await foundSociety(hub, name, amount)])
  }
  const [[, first] = []] = found
  if (first === undefined) throw new TypeError('name a society at least')
  const api = await serve(first, changes)
  afterAll(async () => {
    await api.close()
    for (const [, { replica }] of found) await replica.stop()
  })
  await until('each has the documents of all', () =>
    found.every(([, { replica }]) => replica.documentHeads().length === 2 * found.length),
  )
  return { api, ...Object.fromEntries(found) } as Served<Name>
}
