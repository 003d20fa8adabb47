import { Client, NoNode } from '../client/index.ts'
import { readApiAddress, readToken } from '../config/directory.ts'

/** A client of the node that runs in a directory; fails with `NoNode`. */
export async function clientOf(directory: string): Promise<Client> {
  const address = await readApiAddress(directory)
  if (address === undefined) {
    const start = `society start --dir ${directory}`
    throw new NoNode(`no node runs in ${directory}; start it with '${start}'`)
  }
  return new Client(address, await readToken(directory))
}
