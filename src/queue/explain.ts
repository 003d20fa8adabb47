import { formatMilli, millionths, type SocietyKey } from '../../protocol/index.ts'
import { classOfTier, stepsAged, tierOf, type Ranked, type Ranking } from './order.ts'
import { hasWaitedLong, servable, type Means } from './serve.ts'

/** Whether a society signed two pasts: then it is not served. */
export type IsLiar = (society: SocietyKey) => boolean

/** A request in the queue, and why it stands where it does. */
export type Explained = Ranked & {
  /** 1 for who goes first. */
  readonly place: number
  /** The receiver's trust in the requester, in millionths. */
  readonly trust: number
  /** When it goes up to the next class; null where age changes nothing any more. */
  readonly nextClassAt: number | null
  /** Whether free ATP would serve it now. */
  readonly fits: boolean
  /** Why it stands here and what it waits for, in words. */
  readonly why: string
}

type Explaining = Ranking & Means & { readonly isLiar: IsLiar }

/** A span of time as people say it: the greatest unit of which there is one, to a tenth. */
function span(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const
  const [name, unit] = units.find(([, length]) => ms >= length) ?? ['s', 1_000]
  return `${Math.floor((ms * 10) / unit) / 10} ${name}`
}
const fraction = (part: number): string => String(Math.round(part / 1_000) / 1_000)
/** urgency x efficiency, which are millionths each, in millionths. */
const weightOf = ({ urgency, efficiency }: Ranked): number => (urgency * efficiency) / millionths

/** How the request came to its class. */
function classWords(request: Ranked, trust: number, { now, ageingMs }: Ranking): string {
  if (request.critical) return 'critical, so before every class'
  const own = request.requester === request.to
  const told = classOfTier(tierOf(trust))
  const why = own ? 'its own request' : `trust ${fraction(trust)}`
  const waited = now - request.submittedAt
  if (request.overdue) return `class ${request.class}, and after ${span(waited)} by age alone`
  if (told === request.class) return `class ${told} by ${why}`
  const steps = stepsAged(request, now, ageingMs)
  const up = `${steps} ${steps === 1 ? 'step' : 'steps'} of ${span(ageingMs)}`
  return `class ${told} by ${why}, up to ${request.class} after waiting ${up}`
}

/** Why it stands behind the request just before it; empty where class alone says so. */
function behindWords(request: Ranked, before: Ranked | undefined): string {
  if (before === undefined || before.class !== request.class) return ''
  if (before.overdue && !request.overdue) return 'behind who has waited too long to be passed'
  const [own, other] = [weightOf(request), weightOf(before)]
  if (!request.overdue && own !== other) {
    return `urgency x efficiency ${fraction(own)} behind ${fraction(other)}`
  }
  return request.submittedAt > before.submittedAt
    ? 'asked later than the one before'
    : 'asked at the same moment as the one before'
}

/** When age lifts a request to a better class; null where it does not. */
function nextClassAt(request: Ranked, trust: number, { now, ageingMs }: Ranking): number | null {
  const steps = stepsAged(request, now, ageingMs)
  if (request.critical || tierOf(trust) <= steps) return null
  return request.submittedAt + (steps + 1) * ageingMs
}

/** What each request waits for, in order; the same as `servable` decides. */
function outlooks(
  queue: readonly Ranked[],
  means: Explaining,
): ReadonlyMap<Ranked, { readonly fits: boolean; readonly words: string }> {
  const served = queue.filter(({ requester }) => !means.isLiar(requester))
  const chosen = new Set(servable(served, means))
  const found = new Map<Ranked, { readonly fits: boolean; readonly words: string }>()
  let { free } = means
  let head: Ranked | undefined
  for (const request of queue) {
    if (means.isLiar(request.requester)) {
      found.set(request, { fits: false, words: 'signed two pasts and is not served' })
      continue
    }
    const has = `${formatMilli(free)} ATP ${free === means.free ? 'are free' : 'are left'}`
    if (chosen.has(request)) {
      found.set(request, { fits: true, words: `fits: ${has}` })
      free -= request.amount
      continue
    }
    const isHead = head === undefined
    head ??= request
    if (request.amount <= free) {
      found.set(request, { fits: false, words: `${has} and kept for the first that does not fit` })
      continue
    }
    const keeps = isHead && hasWaitedLong(request, means.now) && means.isPossible(request.amount)
    const words = `does not fit: ${has}${keeps ? ', and all that comes free is kept for it' : ''}`
    found.set(request, { fits: false, words })
  }
  return found
}

/** A queue in its order, each request with the reasons for its place. */
export function explainQueue(
  queue: readonly Ranked[],
  explaining: Explaining,
): readonly Explained[] {
  const found = outlooks(queue, explaining)
  return queue.map((request, index) => {
    const trust = explaining.trustOf(request.requester)
    const { fits, words } = found.get(request) ?? { fits: false, words: '' }
    const parts = [
      classWords(request, trust, explaining),
      behindWords(request, queue[index - 1]),
      words,
    ]
    return {
      ...request,
      place: index + 1,
      trust,
      nextClassAt: nextClassAt(request, trust, explaining),
      fits,
      why: parts.filter((part) => part !== '').join('; '),
    }
  })
}
