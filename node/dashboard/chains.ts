import { signal, type Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { RecordView } from '../../src/index.ts'
import { ask, type Trouble } from './client.ts'
import { pulse } from './live.ts'

/** The newest records of a society's chains, as far as they are read. */
export type Chains = {
  readonly records: readonly RecordView[]
  /** Whether all of them are read, up to the newest. */
  readonly whole: boolean
  readonly trouble: Trouble | undefined
}

/** Records in one answer of the node, and those of a chain that are kept. */
const pageMax = 1_000
const keptMax = 2_000
const documents = ['trust', 'pool'] as const

/** Reads on where it left off: a chain only grows, and what was read stays as it is. */
class ChainReader {
  readonly known: Signal<Chains> = signal({ records: [], whole: false, trouble: undefined })
  readonly #society: string
  readonly #read: Map<string, readonly RecordView[]> = new Map()
  #reading = false

  constructor(society: string) {
    this.#society = society
  }

  async read(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    let trouble: Trouble | undefined
    for (const document of documents) trouble ??= await this.#readOn(document)
    const records = documents.flatMap((document) => this.#read.get(document) ?? [])
    this.known.value = { records, whole: trouble === undefined, trouble }
    this.#reading = false
  }

  async #readOn(document: string): Promise<Trouble | undefined> {
    for (;;) {
      const before = this.#read.get(document) ?? []
      const last = before.at(-1)
      const after = last === undefined ? '' : `&after=${last.id}`
      const society = encodeURIComponent(this.#society)
      const query = `society=${society}&document=${document}&limit=${pageMax}${after}`
      const answer = await ask<readonly RecordView[]>('GET', `/v1/records?${query}`)
      if (!answer.ok) return answer.trouble
      this.#read.set(document, [...before, ...answer.value].slice(-keptMax))
      if (answer.value.length < pageMax) return undefined
    }
  }
}

/** The records of a society, the newest last in each of its documents; live. */
export function useChains(society: string): Chains {
  const reader = useMemo(() => new ChainReader(society), [society])
  const beat = pulse.value
  useEffect(() => void reader.read(), [reader, beat])
  return reader.known.value
}
