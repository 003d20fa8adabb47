import { textOf, type Answer, type Argument, type Command } from '../command.ts'
import type { CommandContext, Given } from '../command.ts'

/** Exit code of a command that ran and whose story did not hold. */
const failed = 1

const name: Argument = { name: 'name', summary: 'the name of a society of the local network' }

/** Asks the local network that another shell keeps. */
async function ask(
  action: string,
  names: readonly string[],
  { tell }: CommandContext,
): Promise<Answer> {
  const { askLocalnet } = await import('../../localnet/ask-localnet.ts')
  return askLocalnet({ action, names }, tell)
}

const snapshot: Argument = { name: 'name', optional: true, summary: 'its name; the newest if none' }

/** The name that was given, if one was. */
function named(given: Given): readonly string[] {
  const text = textOf(given, 'name')
  return text === undefined ? [] : [text]
}

/** Takes up a network that was killed; it has said all itself when it ends. */
async function resume(from: string, json: boolean): Promise<undefined> {
  const { resumeLocalnet } = await import('../../localnet/resume.ts')
  await resumeLocalnet(from, json)
  return undefined
}

/** A local network, and what can be done to one that is kept running. */
export const localnetCommands: readonly Command[] = [
  {
    words: 'localnet',
    summary: 'run the story on real nodes as processes on loopback',
    example: 'society localnet --societies 6 --keep',
    options: [
      { name: 'societies', value: 'N', kind: 'count', summary: '4 to 32; 4 by default' },
      { name: 'keep', summary: 'leave the nodes running until Ctrl-C' },
      { name: 'again', value: 'DIR', summary: 'take up one that was kept there and killed' },
    ],
    async run(given, { json }) {
      const again = textOf(given, 'again')
      if (again !== undefined) return resume(again, json)
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
    run: (given, context) => ask('kill', named(given), context),
  },
  {
    words: 'localnet restart',
    summary: 'start a node of the local network again, and wait until it is ready',
    example: 'society localnet restart oak',
    arguments: [name],
    run: (given, context) => ask('restart', named(given), context),
  },
  {
    words: 'localnet partition',
    summary: 'cut societies of the local network off from the rest',
    example: 'society localnet partition oak,loom',
    arguments: [{ name: 'names', summary: 'names of societies, with commas between' }],
    run: (given, context) => {
      const names = (textOf(given, 'names') ?? '').split(',').map((each) => each.trim())
      return ask('partition', names, context)
    },
  },
  {
    words: 'localnet heal',
    summary: 'let all societies of the local network speak to each other again',
    example: 'society localnet heal',
    run: (_given, context) => ask('heal', [], context),
  },
  {
    words: 'localnet snapshot',
    summary: 'keep all nodes of the local network as they are, to go back to',
    example: 'society localnet snapshot before',
    arguments: [{ name: 'name', optional: true, summary: 'a name; a number if none' }],
    run: (given, context) => ask('snapshot', named(given), context),
  },
  {
    words: 'localnet snapshots',
    summary: 'list the snapshots of the local network',
    example: 'society localnet snapshots',
    run: (_given, context) => ask('snapshots', [], context),
  },
  {
    words: 'localnet revert',
    summary: 'put all nodes of the local network back to a snapshot, at once',
    example: 'society localnet revert before',
    arguments: [snapshot],
    run: (given, context) => ask('revert', named(given), context),
  },
  {
    words: 'localnet forget',
    summary: 'take a snapshot of the local network away',
    example: 'society localnet forget before',
    arguments: [{ name: 'name', summary: 'its name' }],
    run: (given, context) => ask('forget', named(given), context),
  },
  {
    words: 'localnet advance',
    summary: 'set the clocks of all nodes and simulators of the local network ahead',
    example: 'society localnet advance 8d',
    arguments: [{ name: 'duration', summary: 'such as 90s, 15m, 2h, 8d or 1d12h' }],
    run: (given, context) => ask('advance', [textOf(given, 'duration') ?? ''], context),
  },
]
