import { signal, type Signal } from '@preact/signals'
import { authorization } from './client.ts'
import { admission, leave } from './session.ts'

/** Something that happened at the node. */
export type Happening = {
  readonly id: string
  readonly type: string
  readonly time: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Whether events arrive: what is shown is fresh only while they do. */
export const live: Signal<'connecting' | 'live' | 'lost'> = signal('connecting')
/** Counts up when something happened; whatever is shown is then asked for again. */
export const pulse: Signal<number> = signal(0)
/** The newest happenings, the newest first. */
export const happenings: Signal<readonly Happening[]> = signal([])

/** Happenings that are kept to be shown. */
const happeningsMax = 60
/** Events come in bursts; what is shown is asked for once after each, in ms. */
const restMs = 250
/** What comes due without an event (expiry, staleness) is looked at as often, in ms. */
const lookMs = 20_000
/** Pause before the stream is opened again, in ms. */
const againMs = 1_500

let rest: ReturnType<typeof setTimeout> | undefined

/** Has everything that is shown asked for again, soon. */
export function refresh(): void {
  rest ??= setTimeout(() => {
    rest = undefined
    pulse.value += 1
  }, restMs)
}

function take(block: string, last: { id: string }): void {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)] as const
    }),
  )
  const [id, type, data] = [fields.get('id'), fields.get('event'), fields.get('data')]
  if (id === undefined || type === undefined || data === undefined) return
  last.id = id
  const said = JSON.parse(data) as Partial<Happening>
  const happening = { id, type, time: said.time ?? '', data: said.data ?? {} }
  happenings.value = [happening, ...happenings.value].slice(0, happeningsMax)
  refresh()
}

async function read(last: { id: string }): Promise<void> {
  const answer = await fetch('/v1/events', {
    headers: { ...authorization(), ...(last.id === '' ? {} : { 'last-event-id': last.id }) },
  })
  if (answer.status === 401) leave('The session is over, or the node was started anew.')
  if (!answer.ok || answer.body === null) return
  live.value = 'live'
  refresh()
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (held + value).split('\n\n')
    held = blocks.pop() ?? ''
    for (const block of blocks) take(block, last)
  }
}

/** Follows the node's events as long as the page is admitted; begins again where they end. */
export async function followEvents(): Promise<void> {
  const last = { id: '' }
  setInterval(refresh, lookMs)
  while (admission.value.state === 'in') {
    try {
      await read(last)
    } catch {
      // Nothing is known but that the stream ended: it is opened again.
    }
    live.value = 'lost'
    await new Promise((resolve) => setTimeout(resolve, againMs))
  }
}
