import { ringOf, words } from './tidy-house.ts'
import type { Check } from './tidy-house.ts'

/** Everything that may lie at the root. A new entry is a decision: it is written down here. */
const rootEntries = words(`
  protocol src node test scripts .ci
  README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE
  package.json package-lock.json tsconfig.json tsconfig.build.json vitest.config.ts knip.json
  .dockerignore .gitignore .gitattributes .oxfmtrc.json .oxlintrc.json
`)

/** Names that say nothing of what is inside, and so collect everything. */
const vague = /(^|\/)(utils?|helpers?|common)(\/|\.[a-z]+$)/
const typesOfRing = /^[^/]+\/types\.ts$/

/** No folder or file of things without a subject. */
export const vagueNames: Check = ({ files }) =>
  [...files.keys()]
    .filter((path) => vague.test(path) || typesOfRing.test(path))
    .map((path) => `${path}: the name says nothing of its subject`)

/** The root holds the rings and the files that tools and readers look for, nothing else. */
export const strayRootEntries: Check = ({ files }) =>
  [...new Set([...files.keys()].map((path) => ringOf(path) || path))]
    .filter((entry) => !rootEntries.has(entry))
    .map((entry) => `${entry}: not a known entry of the root`)
