import { existsSync } from 'node:fs'
import { Client, NoNode } from '../client/index.ts'
import { nodeFiles, readApiAddress, readToken } from '../config/directory.ts'
import { lookAtLock } from '../store/directory-lock.ts'

/**
 * A client of the node that runs in a directory; fails with `NoNode`. Where the node was killed its
 * address is left, at which anybody may listen now: to them neither token nor passphrase goes.
 */
export async function clientOf(directory: string): Promise<Client> {
  const address = await readApiAddress(directory)
  if (address === undefined || (await lookAtLock(directory)).state === 'left') {
    if (!existsSync(nodeFiles(directory).key)) {
      const init = `society init --dir ${directory}`
      throw new NoNode(`there is no society in ${directory}; make one with '${init}'`)
    }
    const start = `society start --dir ${directory}`
    throw new NoNode(`no node runs in ${directory}; start it with '${start}'`)
  }
  return new Client(address, await readToken(directory))
}
