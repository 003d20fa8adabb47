import { signal, type Signal } from '@preact/signals'

/** What the browser may do at this node. */
export type Session = { readonly token: string; readonly access: 'read' | 'write' }

/** How the page stands with its node: not asked yet, admitted, or not, and why not. */
export type Admission =
  | { readonly state: 'asking' }
  | { readonly state: 'in'; readonly session: Session }
  | { readonly state: 'out'; readonly why: string }

/** The page's admission; everything that is shown hangs on it. */
export const admission: Signal<Admission> = signal({ state: 'asking' })

// Of this tab alone, and gone with it.
const key = 'society-session'

function remembered(): Session | undefined {
  try {
    const said: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null')
    return isSession(said) ? said : undefined
  } catch {
    return undefined
  }
}

function isSession(said: unknown): said is Session {
  return typeof said === 'object' && said !== null && 'token' in said && 'access' in said
}

/** Takes the code out of the address, so that it is neither shown nor kept in the history. */
function takeCode(): string | undefined {
  const code = /^#code=([0-9a-f]+)$/.exec(location.hash)?.[1]
  if (code !== undefined) history.replaceState(null, '', '/#/energy')
  return code
}

async function exchange(code: string): Promise<Session | string> {
  const answer = await fetch('/v1/dashboard/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  const said: unknown = await answer.json()
  if (answer.ok && isSession(said)) return said
  const problem = said as { readonly detail?: string }
  return problem.detail ?? 'The node did not take the code.'
}

/** Goes in with the code of the address, else with what this tab remembers. */
export async function enter(): Promise<void> {
  const code = takeCode()
  try {
    const session = code === undefined ? remembered() : await exchange(code)
    if (session === undefined) return leave('')
    if (typeof session === 'string') return leave(session)
    sessionStorage.setItem(key, JSON.stringify(session))
    admission.value = { state: 'in', session }
  } catch {
    leave('The node does not answer. Is it running?')
  }
}

/** Ends the session in this tab; says why. */
export function leave(why: string): void {
  sessionStorage.removeItem(key)
  admission.value = { state: 'out', why }
}

/** Whether this browser may act, rather than only look. */
export function mayAct(): boolean {
  const { value } = admission
  return value.state === 'in' && value.session.access === 'write'
}
