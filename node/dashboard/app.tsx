import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Status } from './answers.ts'
import { live } from './live.ts'
import { EnergyPage } from './pages/energy.tsx'
import { HealthPage } from './pages/health.tsx'
import { LedgerPage } from './pages/ledger.tsx'
import { NetworkPage } from './pages/network.tsx'
import { TradePage } from './pages/trade.tsx'
import { TrustPage } from './pages/trust.tsx'
import { WorkPage } from './pages/work.tsx'
import { useResource } from './resource.ts'
import { href, pages, route, type Page } from './route.ts'
import { admission, mayAct } from './session.ts'
import { Shown } from './table.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

type Showing = (given: { readonly status: Status }) => VNode

const shown: Readonly<Record<Page, { readonly title: string; readonly show: Showing }>> = {
  energy: { title: 'Energy', show: EnergyPage },
  work: { title: 'Work', show: WorkPage },
  trade: { title: 'Trade', show: TradePage },
  trust: { title: 'Trust', show: TrustPage },
  ledger: { title: 'Ledger', show: LedgerPage },
  network: { title: 'Network', show: NetworkPage },
  health: { title: 'Health', show: HealthPage },
}

const liveWords = {
  connecting: 'connecting …',
  live: 'live',
  lost: 'connection lost, trying again …',
}

function Navigation({ page, isWell }: { readonly page: Page; readonly isWell: boolean }): VNode {
  return (
    <nav aria-label="Pages">
      <ul>
        {pages.map((one) => (
          <li key={one}>
            <a href={href(one)} aria-current={one === page ? 'page' : undefined}>
              {shown[one].title}
              {one === 'health' && !isWell ? <span class="alarm"> needs you</span> : ''}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Inside(): VNode {
  const known = useResource<Status>('/v1/status')
  const { page } = route.value
  const { title, show: Show } = shown[page]
  const heading = useRef<HTMLHeadingElement>(null)
  const first = useRef(true)
  const name = known.value?.name ?? ''
  useEffect(() => {
    document.title = name === '' ? title : `${title} · ${name}`
  }, [title, name])
  useEffect(() => {
    // Whoever goes to a page by keyboard or hears it read begins at its heading.
    if (!first.current) heading.current?.focus()
    first.current = false
  }, [page])
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => skip(event, heading.current)}>
        Skip to the content
      </a>
      <header>
        <p class="society">{name === '' ? 'Society' : name}</p>
        <p class="federation">{known.value?.federation ?? ''}</p>
        <Navigation page={page} isWell={known.value?.health.state !== 'bad'} />
        <p class={`liveness ${live.value}`} role="status">
          {liveWords[live.value]}
          {mayAct() ? '' : ' · read only'}
        </p>
        <ThemeSwitch />
      </header>
      <main id="content">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <Shown known={known}>{(status) => <Show key={page} status={status} />}</Shown>
      </main>
    </>
  )
}

/** A link to a place within the page would be taken for a page of the dashboard. */
function skip(event: MouseEvent, heading: HTMLElement | null): void {
  event.preventDefault()
  heading?.focus()
}

function Outside({ why }: { readonly why: string }): VNode {
  return (
    <main class="outside">
      <h1>This is a society’s node</h1>
      {why === '' ? null : <p role="alert">{why}</p>}
      <p>
        Its dashboard opens with a code that works once. On the machine where the node runs, ask for
        an address and open it here:
      </p>
      <pre>society dashboard</pre>
      <p>
        With <code>--read</code> whoever opens it may look and change nothing. A node in another
        directory is named by <code>--dir</code>.
      </p>
    </main>
  )
}

/** The dashboard. */
export function App(): VNode {
  const { value } = admission
  if (value.state === 'in') return <Inside />
  if (value.state === 'out') return <Outside why={value.why} />
  return (
    <main class="outside">
      <p role="status">The node is asked …</p>
    </main>
  )
}
