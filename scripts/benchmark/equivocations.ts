import { AskedProcess } from './workers.ts'

/** Longest time for one system to show what it does, in ms. */
const shownMsMax = 90_000

const programs: Readonly<Record<string, string>> = {
  ours: 'ours',
  Hypercore: 'hypercore',
  OrbitDB: 'orbitdb',
  'automerge-repo': 'automerge',
  Peerbit: 'peerbit',
}

/** What becomes of one equivocation in each system, as lines of a table in Markdown. */
export async function equivocationTable(): Promise<readonly string[]> {
  const lines = ['| system | one author signs two pasts |', '|---|---|']
  for (const [name, program] of Object.entries(programs)) {
    const shown = new AskedProcess(new URL(`equivocation/${program}.ts`, import.meta.url), {})
    try {
      lines.push(`| ${name} | ${await shown.next<string>(shownMsMax)} |`)
    } catch (error) {
      lines.push(`| ${name} | does not run here: ${(error as Error).message.split('\n')[0]} |`)
    }
    await shown.end()
  }
  return lines
}
