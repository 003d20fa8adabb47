import type { VNode } from 'preact'
import { choose, theme, themes } from './theme.ts'

const words = { system: 'System', light: 'Light', dark: 'Dark' } as const

/** Chooses light or dark; the arrow keys do as well. */
export function ThemeSwitch(): VNode {
  return (
    <fieldset class="theme">
      <legend>Colours</legend>
      {themes.map((one) => (
        <label key={one}>
          <input
            type="radio"
            name="theme"
            value={one}
            checked={theme.value === one}
            onChange={() => choose(one)}
          />
          {words[one]}
        </label>
      ))}
    </fieldset>
  )
}
