import { counted } from '../counted.ts'
import { given, ill, illIfAny, unknown, well, wellIf, type Check } from './check.ts'
import { fullShareMax, loopDelayMsMax } from './limits.ts'

const percent = (share: number): string => `${Math.round(share * 100)} %`
const storeCodes: ReadonlySet<string> = new Set(['store-damaged'])

/** The process that runs, and what it holds. */
export const nodeChecks: readonly Check[] = [
  {
    code: 'node-answers',
    asks: 'Does the node answer?',
    mend:
      'Start it with society start, or see in its log why it has ended; one that hangs is ended ' +
      'with kill -9, which loses nothing.',
    look: ({ node, directory: { lock } }) => {
      if ('value' in node) return well(node.value.status.api)
      const isHeld = 'value' in lock && lock.value.state === 'held'
      return isHeld ? ill(node.because) : unknown(node.because)
    },
  },
  {
    code: 'node-version',
    asks: 'Is the running node of this program’s version?',
    mend: 'Restart the node after an upgrade.',
    look: ({ node, version }) =>
      given(node, ({ status }) =>
        wellIf(
          status.version === version,
          version,
          `it is ${status.version}, and this program ${version}`,
        ),
      ),
  },
  {
    code: 'store-writes',
    asks: 'Does the store take writes?',
    mend: 'Make room on the disk, then restart the node: it looks what is there and goes on.',
    look: ({ node }) =>
      given(node, ({ status: { health } }) => {
        const reason = health.reasons.find(({ code }) => storeCodes.has(code))
        return reason === undefined ? well('it does') : ill(reason.message)
      }),
  },
  {
    code: 'signs',
    asks: 'Does the node sign?',
    mend: 'Mend the reason that is named; it goes on by itself once that is gone.',
    look: ({ node }) =>
      given(node, ({ status: { health } }) =>
        wellIf(health.state === 'ok', 'it does', `not now: ${health.reasons[0]?.message ?? ''}`),
      ),
  },
  {
    code: 'restored',
    asks: 'Does the node know what it signed before its backup was put back?',
    mend: 'Let it reach every member; or society resume, if nobody has anything newer of it.',
    look: ({ node }) =>
      given(node, ({ vitals: { restoring } }) =>
        wellIf(!restoring, 'it does', 'it waits to hear from every other member'),
      ),
  },
  {
    code: 'memory',
    asks: 'Is the heap far from its limit?',
    mend: 'Restart the node in a quiet moment, and tell its makers what it had to do.',
    look: ({ node }) =>
      given(node, ({ vitals: { process } }) => {
        const share = process.heapUsedBytes / process.heapLimitBytes
        return wellIf(share <= fullShareMax, percent(share), `${percent(share)} of it is used`)
      }),
  },
  {
    code: 'event-loop',
    asks: 'Does the node keep up with its work?',
    mend: 'Give it a faster machine, or find who asks so much in society peers and the metrics.',
    look: ({ node }) =>
      given(node, ({ vitals: { process } }) => {
        const late = `${process.loopDelayP99Ms.toFixed(0)} ms late`
        return wellIf(process.loopDelayP99Ms <= loopDelayMsMax, late, `it is ${late}`)
      }),
  },
  {
    code: 'queues',
    asks: 'Is what others make grow far from its bounds?',
    mend: 'Wait, and look again; where it stays, society log names who sends it.',
    look: ({ node }) =>
      given(node, ({ vitals: { queues } }) => {
        const full = queues.filter(
          ({ what, size, max }) => size > max * fullShareMax && bounds(what),
        )
        const named = full.map(({ what, size, max }) => `${what} ${size} of ${max}`)
        return illIfAny(named, counted(queues.length, 'bound'), 'near their bounds')
      }),
  },
  {
    code: 'waiting',
    asks: 'Do few messages wait for what they build on?',
    mend: 'Connect to those who have it: society peers shows who is missing.',
    look: ({ node }) =>
      given(node, ({ status: { health }, vitals: { queues } }) => {
        const max = queues.find(({ what }) => what === 'frames that wait')?.max ?? 0
        const waiting = `${health.waiting} of ${max}`
        return wellIf(health.waiting <= max / 2, waiting, `waiting: ${waiting}`)
      }),
  },
]

/** Caches are full by design, and documents are as many as there are societies. */
const bounds = (what: string): boolean => what === 'jobs' || what.includes('wait')
