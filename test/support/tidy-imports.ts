import { circlesIn, importsOf } from '../../scripts/source/imports.ts'
import type { Import } from '../../scripts/source/imports.ts'
import { ringOf } from './tidy-house.ts'
import type { Check } from './tidy-house.ts'

/** What files of a ring may import besides files of the same ring. */
type Reach = { readonly packages: RegExp; readonly files: readonly string[] }

const reaches: Readonly<Record<string, Reach>> = {
  protocol: { packages: /^(@noble\/.+|multiformats(\/.+)?)$/, files: [] },
  src: { packages: /^@automerge\/automerge(\/.+)?$/, files: ['protocol/index.ts'] },
  node: { packages: /./, files: ['protocol/index.ts', 'src/index.ts', 'package.json'] },
}

const isAllowed = (imported: Import, ring: string, reach: Reach): boolean =>
  imported.target === ''
    ? reach.packages.test(imported.specifier)
    : ringOf(imported.target) === ring || reach.files.includes(imported.target)

/** Rings import inward only and through the door; tests and scripts may import anything. */
export const outwardImports: Check = ({ sources }) =>
  importsOf(sources).flatMap((imported) => {
    const ring = ringOf(imported.from)
    const reach = reaches[ring]
    if (reach === undefined || isAllowed(imported, ring, reach)) return []
    return [`${imported.place}: ${ring}/ may not import ${imported.specifier}`]
  })

/** No file imports itself through others, be it only for types. */
export const importCircles: Check = ({ sources }) =>
  circlesIn(importsOf(sources)).map((circle) => `circle of imports: ${circle.join(' -> ')}`)
