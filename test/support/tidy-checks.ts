import { ambientInReplica, ambientInRules } from './tidy-ambient.ts'
import { untoldCodes } from './tidy-codes.ts'
import { defaultExports, undocumentedExports } from './tidy-exports.ts'
import type { Check } from './tidy-house.ts'
import { importCircles, outwardImports } from './tidy-imports.ts'
import { strayRootEntries, vagueNames } from './tidy-layout.ts'
import { outdatedRuleTable, rulesToldTwice, unknownRules, untestedRules } from './tidy-rules.ts'
import { longFiles, longFunctions, longLines } from './tidy-size.ts'
import { anyTypes, skippedTests, unfinishedWork } from './tidy-words.ts'

/** Every check, under the sentence that it holds the house to. */
export const checks: Readonly<Record<string, Check>> = {
  'rings import inward, by the door': outwardImports,
  'no circle of imports': importCircles,
  'a rule takes everything as a parameter': ambientInRules,
  'the replica reaches the world through ports': ambientInReplica,
  'every export has a docstring': undocumentedExports,
  'every export has a name': defaultExports,
  'no line over 100 columns': longLines,
  'no function over 70 lines': longFunctions,
  'no file over 500 lines': longFiles,
  'no folder or file for things without a subject': vagueNames,
  'nothing unexpected at the root': strayRootEntries,
  'no unfinished work, no silenced tool': unfinishedWork,
  'no skipped test': skippedTests,
  'nothing escapes the type checker': anyTypes,
  'the specification tells every error code': untoldCodes,
  'every rule has a number of its own': rulesToldTwice,
  'every rule has a test that cites it': untestedRules,
  'whoever cites a rule cites one that there is': unknownRules,
  'the table of rules and tests is up to date': outdatedRuleTable,
}
