import { textOf, type Answer, type Argument, type Command, type Given } from '../command.ts'

/** Exit code of a command that ran and whose story did not hold. */
const failed = 1

const name: Argument = { name: 'name', summary: 'the name of a society of the local network' }

/** Asks the local network that another shell keeps. */
async function ask(action: string, names: readonly string[]): Promise<Answer> {
  const { askLocalnet } = await import('../../localnet/ask-localnet.ts')
  return askLocalnet({ action, names })
}

const named = (given: Given): readonly string[] => [textOf(given, 'name') ?? '']

/** A local network, and what can be done to one that is kept running. */
export const localnetCommands: readonly Command[] = [
  {
    words: 'localnet',
    summary: 'run the story on real nodes as processes on loopback',
    example: 'society localnet --societies 6 --keep',
    options: [
      { name: 'societies', value: 'N', kind: 'count', summary: '4 to 32; 4 by default' },
      { name: 'keep', summary: 'leave the nodes running until Ctrl-C' },
    ],
    async run(given, { json }) {
      const { runLocalnet } = await import('../../localnet/localnet.ts')
      const societies = Number(textOf(given, 'societies') ?? 4)
      const keep = given['keep'] === true
      const result = await runLocalnet({ societies, keep, json })
      if (!result.converged) process.exitCode = failed
      // One that was kept has said so when its story was over.
      if (keep && result.converged) return undefined
      const text = result.converged ? 'the story holds' : 'the story does not hold'
      return { value: result, text }
    },
  },
  {
    words: 'localnet kill',
    summary: 'kill a node of the local network that is kept, as by kill -9',
    example: 'society localnet kill oak',
    arguments: [name],
    run: (given) => ask('kill', named(given)),
  },
  {
    words: 'localnet restart',
    summary: 'start a node of the local network again, and wait until it is ready',
    example: 'society localnet restart oak',
    arguments: [name],
    run: (given) => ask('restart', named(given)),
  },
  {
    words: 'localnet partition',
    summary: 'cut societies of the local network off from the rest',
    example: 'society localnet partition oak,loom',
    arguments: [{ name: 'names', summary: 'names of societies, with commas between' }],
    run: (given) => {
      const names = (textOf(given, 'names') ?? '').split(',').map((each) => each.trim())
      return ask('partition', names)
    },
  },
  {
    words: 'localnet heal',
    summary: 'let all societies of the local network speak to each other again',
    example: 'society localnet heal',
    run: () => ask('heal', []),
  },
  {
    words: 'localnet advance',
    summary: 'says why time cannot be moved here, and where it can',
    example: 'society localnet advance 2h',
    arguments: [{ name: 'duration', summary: 'such as 90s, 15m, 2h or 3d' }],
    run: () => ask('advance', []),
  },
]
