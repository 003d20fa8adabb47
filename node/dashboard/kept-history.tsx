import type { VNode } from 'preact'
import type { CheckpointsView } from '../../src/index.ts'
import { useResource } from './resource.ts'
import { Mark, Section, Shown, Table } from './table.tsx'
import { amount, away, counted } from './words.ts'

type Kept = CheckpointsView & { readonly storeBytes: number }

const mebibyte = 1_048_576

function keptWords({ keep, dropped, storeBytes }: Kept): string {
  const size = amount(Math.ceil(storeBytes / mebibyte), 'MiB')
  const kept = keep === 'all' ? 'All history is kept' : 'A window of history is kept'
  const gone = dropped.changes === 0 ? 'nothing' : counted(dropped.changes, 'change')
  return `${kept}; the store takes ${size}, and ${gone} was dropped since the node started.`
}

function signedWords({ tried }: Kept['own'][number]): VNode | string {
  if (tried === null) return 'not asked yet'
  const isEnough = tried.signed >= tried.needed
  const names = tried.unsigned.map(({ name }) => name).join(', ')
  return (
    <>
      <Mark tone={isEnough ? 'good' : 'bad'}>{`${tried.signed} signed`}</Mark>{' '}
      {`of ${tried.needed} that must${names === '' ? '' : `; not: ${names}`}`}
    </>
  )
}

/** Checkpoints of this society, and what its node keeps of everybody's history. */
export function KeptHistory(): VNode {
  const known = useResource<Kept>('/v1/checkpoints')
  return (
    <Section title="History">
      <Shown known={known}>
        {(kept) => (
          <>
            <p>{keptWords(kept)}</p>
            <Table
              caption="Checkpoints of the documents of this society"
              columns={['Document', 'Newest', 'Witnesses']}
              rows={kept.own.map((own) => [
                own.kind,
                own.checkpoint === null ? 'none' : away(own.checkpoint.at),
                kept.witnesses === 0 ? 'none are appointed' : signedWords(own),
              ])}
              empty="This society has no documents yet."
            />
          </>
        )}
      </Shown>
    </Section>
  )
}
