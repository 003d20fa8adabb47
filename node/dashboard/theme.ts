import { signal, type Signal } from '@preact/signals'

const dark = matchMedia('(prefers-color-scheme: dark)')

/** Whether it is dark; charts are drawn anew when that changes. */
export const isDark: Signal<boolean> = signal(dark.matches)
dark.addEventListener('change', () => {
  isDark.value = dark.matches
})

/** The value of a colour of the style sheet, for what is drawn on a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
