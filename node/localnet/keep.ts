import { Actions } from './actions.ts'
import { openControl } from './control.ts'
import type { LocalNetwork } from './network.ts'

/** A local network that is to be kept running. */
export type Kept = {
  readonly network: LocalNetwork
  /** What is printed of it for programs; people are told in words instead where it is undefined. */
  readonly json: unknown
}

/** Does what other shells ask for until the process is told to stop. */
export async function keepRunning({ network, json }: Kept, signal: AbortSignal): Promise<void> {
  await network.save()
  const actions = new Actions(network)
  const control = await openControl(actions.act)
  try {
    if (json !== undefined) process.stdout.write(`${JSON.stringify(json)}\n`)
    else await tell(network, control !== undefined)
    await untilAborted(signal)
  } finally {
    await control?.close()
  }
}

/** Tells people what runs; `heard` if commands from other shells come here. */
async function tell({ societies, root }: LocalNetwork, heard: boolean): Promise<void> {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`)
  say(`\nThe nodes keep running; press Ctrl-C to stop them and remove ${root}.`)
  say(
    heard
      ? "In other shells, 'society localnet --help' tells what can be done to them."
      : 'Another local network is kept already: commands from other shells go to that one.',
  )
  say('Dashboards, each opened once and within five minutes; later, ask for another address with')
  say("'society dashboard' and the --dir of the node:\n")
  for (const society of societies) {
    const url = society.running ? String((await society.run('dashboard'))['url']) : 'does not run'
    say(`  ${society.name.padEnd(12)} ${url}\n               --dir ${society.directory}`)
  }
}

/** Keeps the process alive until it is told to stop. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const alive = setInterval(() => {}, 1 << 30)
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  clearInterval(alive)
}
