import { computed, signal, type ReadonlySignal } from '@preact/signals'

/** The pages, in the order of the navigation. */
export const pages = ['energy', 'work', 'trade', 'trust', 'ledger', 'network', 'health'] as const

/** Name of a page. */
export type Page = (typeof pages)[number]

const hash = signal(location.hash)
window.addEventListener('hashchange', () => {
  hash.value = location.hash
})

const isPage = (text: string): text is Page => pages.some((page) => page === text)

/** Where the reader is: a page, and what of it. */
export const route: ReadonlySignal<{ readonly page: Page; readonly about: string }> = computed(
  () => {
    const [page = '', about = ''] = hash.value.replace(/^#\/?/, '').split('/')
    return { page: isPage(page) ? page : 'energy', about: decodeURIComponent(about) }
  },
)

/** Address of a page within the dashboard. */
export function href(page: Page, about?: string): string {
  return about === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(about)}`
}
