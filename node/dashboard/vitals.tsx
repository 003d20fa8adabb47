import type { VNode } from 'preact'
import { useResource } from './resource.ts'
import { Mark, Section, Shown, Table } from './table.tsx'
import { amount, count, counted, span } from './words.ts'

type Reached = { readonly society: string; readonly name: string; readonly connected: boolean }

type Process = { readonly residentBytes: number; readonly loopDelayP99Ms: number }

/** `GET /v1/vitals`, as far as it is shown. */
type Vitals = {
  readonly uptimeMs: number
  readonly process: Process
  readonly queues: readonly { readonly what: string; readonly size: number; readonly max: number }[]
  readonly sync: readonly {
    readonly name: string
    readonly kind: string
    readonly held: number
    readonly announced: number
  }[]
  readonly members: readonly Reached[]
}

const mebibyte = 1_048_576

function reachedWords(members: readonly Reached[]): string {
  const away = members.filter(({ connected }) => !connected).map(({ name }) => name)
  if (members.length === 0) return 'No other member is known.'
  if (away.length === 0) return `All ${counted(members.length, 'other member')} are connected.`
  return `Not connected: ${away.join(', ')}. What they write arrives when they are.`
}

function processWords(uptimeMs: number, { residentBytes, loopDelayP99Ms }: Process): string {
  const memory = amount(Math.round(residentBytes / mebibyte), 'MiB')
  const delay = amount(Math.round(loopDelayP99Ms), 'ms')
  return `Up for ${span(uptimeMs)}, with ${memory} of memory; 99 of 100 waits are below ${delay}.`
}

/** How the node fares: what it lacks, whom it reaches, and what fills up. */
export function VitalSigns(): VNode {
  const known = useResource<Vitals>('/v1/vitals')
  return (
    <Section title="How it fares">
      <Shown known={known}>
        {({ uptimeMs, process, queues, sync, members }) => (
          <>
            <p>
              {processWords(uptimeMs, process)} {reachedWords(members)}
            </p>
            <h3>What others have written and is not here yet</h3>
            <Table
              caption="Documents of which more is known to be than is here"
              columns={['Society', 'Document', { head: 'Here', number: true }, 'Signed']}
              rows={sync.map(({ name, kind, held, announced }) => [
                name,
                kind,
                count(held),
                count(announced),
              ])}
              empty="Nothing: every document is here up to the newest head that its society signed."
            />
            <h3>What fills up</h3>
            <Table
              caption="Queues, how full they are, and the most they hold"
              columns={['Queue', { head: 'Now', number: true }, { head: 'Most', number: true }, '']}
              rows={queues.map(({ what, size, max }) => [
                what,
                count(size),
                count(max),
                size * 2 < max ? <Mark tone="good">roomy</Mark> : <Mark tone="warn">filling</Mark>,
              ])}
              empty="Nothing is queued."
            />
          </>
        )}
      </Shown>
    </Section>
  )
}
