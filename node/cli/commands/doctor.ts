import type { Answer, Command, CommandContext, Given } from '../command.ts'
import { exitCodes } from '../failures.ts'

async function doctor(given: Given, { directory, client, tell }: CommandContext): Promise<Answer> {
  const [{ diagnose, gather }, { describeDiagnosis }] = await Promise.all([
    import('../../doctor/examine.ts'),
    import('../describe-diagnosis.ts'),
  ])
  tell('looking ...')
  const value = diagnose(await gather(directory, client))
  if (value.ill > 0) process.exitCode = exitCodes.failed
  return { value, text: describeDiagnosis(value, given['all'] === true) }
}

/** What is wrong, and why. */
export const doctorCommands: readonly Command[] = [
  {
    words: 'doctor',
    summary: 'look for what is wrong, with this node running or not, and how to mend it',
    example: 'society doctor --all',
    options: [{ name: 'all', summary: 'show what is well too' }],
    run: doctor,
  },
]
