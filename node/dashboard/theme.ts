import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals'

/** What somebody can choose: always light, always dark, or as the system is. */
export const themes = ['system', 'light', 'dark'] as const

/** One of them. */
export type Theme = (typeof themes)[number]

// Of this browser, at this node's address.
const key = 'society-theme'

function remembered(): Theme {
  try {
    const said = localStorage.getItem(key)
    return themes.find((one) => one === said) ?? 'system'
  } catch {
    // A browser may keep nothing at all.
    return 'system'
  }
}

/** What is chosen; it is kept by `choose`. */
export const theme: Signal<Theme> = signal(remembered())

/** Chooses for now and for the next time. */
export function choose(chosen: Theme): void {
  theme.value = chosen
  try {
    localStorage.setItem(key, chosen)
  } catch {
    // Then it is for now alone.
  }
}

const system = matchMedia('(prefers-color-scheme: dark)')
const isSystemDark = signal(system.matches)
system.addEventListener('change', () => {
  isSystemDark.value = system.matches
})

/** Whether it is dark; charts are drawn anew when that changes. */
export const isDark: ReadonlySignal<boolean> = computed(() =>
  theme.value === 'system' ? isSystemDark.value : theme.value === 'dark',
)
effect(() => {
  document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'
})

/** The value of a colour of the style sheet, for what is drawn on a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
