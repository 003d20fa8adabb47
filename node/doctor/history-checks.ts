import { counted } from '../counted.ts'
import { given, ill, illIfAny, unknown, well, type Check, type Found } from './check.ts'
import type { NodeFacts } from './facts.ts'
import { checkpointAgeMsMax, historyBytesMin, oldShareMax } from './limits.ts'

type Kept = NodeFacts['checkpoints']
type Own = Kept['own'][number]

const bytesOfMegabyte = 1_000_000
const megabytes = (bytes: number): string => `${Math.round(bytes / bytesOfMegabyte)} MB`
const days = (ms: number): string => counted(Math.floor(ms / 86_400_000), 'day')
const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

/** Own documents whose checkpoint is older than it should be, in words. */
function lateOf({ own }: Kept, now: number): readonly string[] {
  return own.flatMap(({ kind, due, checkpoint }) => {
    const age = checkpoint === null ? 0 : now - Date.parse(checkpoint.at)
    return due && age > checkpointAgeMsMax ? [`${kind}, ${days(age)} old`] : []
  })
}

function youngest(kept: Kept, now: number): Found {
  const late = lateOf(kept, now)
  if (late.length > 0) return illIfAny(late, '', 'too old')
  const none = kept.own.filter(({ due, checkpoint }) => due && checkpoint === null)
  if (none.length > 0) return unknown(`none yet of ${none.map(({ kind }) => kind).join(', ')}`)
  return well(kept.own.some(({ checkpoint }) => checkpoint !== null) ? 'young' : 'not due yet')
}

function tryWords({ kind, tried }: Own): string {
  const { signed = 0, needed = 0, unsigned = [] } = tried ?? {}
  const silent = unsigned.map(({ name, because }) => `${name}: ${because}`).join('; ')
  return `${kind} by ${signed}, ${needed} must${silent === '' ? '' : ` (${silent})`}`
}

/** Documents of societies with witnesses, of which something is kept that a window drops. */
const undropped = ({ documents }: Kept): readonly string[] =>
  documents
    .filter(({ old, witnesses }) => old > 0 && witnesses > 0)
    .map(({ name, kind, old }) => `${name}/${kind}, ${counted(old, 'change')}`)

const tooFew = ({ signed, needed }: NonNullable<Own['tried']>): boolean => signed < needed

const notLooked = unknown('the node looks a minute after its start')

function growth({ documents, storeBytes }: Kept): Found {
  const old = sum(documents.map((document) => document.old))
  const held = sum(documents.map(({ changes, dropped }) => changes - dropped))
  const share = `${old} of ${counted(held, 'change')}`
  const seen = `${megabytes(storeBytes)}; older than the window: ${share}`
  if (storeBytes < historyBytesMin || old <= held * oldShareMax) return well(seen)
  const without = documents.filter((each) => each.old > 0 && each.witnesses === 0)
  const names = [...new Set(without.map(({ name }) => name))]
  const few = names.slice(0, 3).join(', ')
  return ill(names.length === 0 ? seen : `${seen}; no witnesses: ${few}`)
}

/** Checkpoints, and what is dropped of history by them. */
export const historyChecks: readonly Check[] = [
  {
    code: 'checkpoint-age',
    asks: 'Is the newest checkpoint of this society young?',
    mend:
      'Have its witnesses sign one: society checkpoints write. It names who does not. Where ' +
      'there are none: society witnesses appoint.',
    look: ({ node, now }) =>
      given(node, ({ checkpoints }) => {
        if (checkpoints.witnesses > 0) return youngest(checkpoints, now)
        const none = 'no witnesses are appointed, so nobody can drop anything of this society'
        return checkpoints.keep === 'all' ? well(none) : ill(none)
      }),
  },
  {
    code: 'checkpoint-witnesses',
    asks: 'Do enough witnesses sign this society’s checkpoints?',
    mend:
      'Ask the operators of those that are named to start their nodes, or have others instead: ' +
      'society witnesses appoint.',
    look: ({ node }) =>
      given(node, ({ checkpoints: { own, witnesses } }) => {
        if (witnesses === 0) return well('none are appointed')
        const tried = own.filter((each) => each.tried !== null)
        if (tried.length === 0) return unknown('none was asked for since the node started')
        const short = tried.filter((each) => each.tried !== null && tooFew(each.tried))
        return illIfAny(short.map(tryWords), tried.map(tryWords).join(', '), 'too few')
      }),
  },
  {
    code: 'history-dropped',
    asks: 'Is what is older than a window dropped?',
    mend: 'Find in society checkpoints whose it is: that society has no young checkpoint.',
    look: ({ node }) =>
      given(node, ({ checkpoints }) => {
        if (checkpoints.keep === 'all') return well('all history is kept')
        if (checkpoints.lookedAt === null) return notLooked
        return illIfAny(undropped(checkpoints), 'it is', 'kept for lack of a checkpoint')
      }),
  },
  {
    code: 'history-growth',
    asks: 'Does the window keep the store from growing?',
    mend:
      'Have the societies that are named appoint witnesses, society witnesses appoint: without, ' +
      'nothing of them can be dropped.',
    look: ({ node }) =>
      given(node, ({ checkpoints }) => {
        if (checkpoints.keep === 'all') return well('all history is kept, and grows')
        return checkpoints.lookedAt === null ? notLooked : growth(checkpoints)
      }),
  },
]
