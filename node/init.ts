import { rm } from 'node:fs/promises'
import { didOf, keyOfBytes } from '../protocol/index.ts'
import { createTokens, makeNodeDirectory, nodeFiles } from './config/directory.ts'
import { createKey } from './keys/key-store.ts'
import { lockDirectory } from './store/directory-lock.ts'
import { openLevelStore } from './store/level-store.ts'

/**
 * Makes a node's directory: key, token and an empty store. `writeConfig` writes its `config.yaml`
 * once the directory is known to be free; it goes again where no key can be made. Answers
 * the society's id. Fails with `directory-in-use` where a node is, or was made.
 */
export async function initNode(options: {
  readonly directory: string
  /** Null stores the key in clear, and says so in its file. */
  readonly passphrase: string | null
  readonly writeConfig: () => Promise<void>
}): Promise<string> {
  const { directory, passphrase, writeConfig } = options
  await makeNodeDirectory(directory)
  const lock = await lockDirectory(directory)
  try {
    await writeConfig()
    const signer = await createKey(directory, passphrase).catch(async (error: unknown) => {
      // Without a key there is no society yet: what is left would only forbid to try again.
      await rm(nodeFiles(directory).config, { force: true })
      throw error
    })
    await createTokens(directory)
    const store = await openLevelStore(directory, { lock, create: true })
    await store.close()
    return didOf(keyOfBytes(signer.publicKey))
  } finally {
    await lock.release()
  }
}
