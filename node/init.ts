import { rm } from 'node:fs/promises'
import { didOf, keyOfBytes } from '../protocol/index.ts'
import { markRestored } from '../src/index.ts'
import { createTokens, makeNodeDirectory, nodeFiles } from './config/directory.ts'
import { createKey, importKey } from './keys/key-store.ts'
import { lockDirectory } from './store/directory-lock.ts'
import { openLevelStore } from './store/level-store.ts'

/** Where a society's key comes from. */
export type KeyOrigin =
  /** Null stores the key in clear, and says so in its file. */
  | { readonly type: 'new'; readonly passphrase: string | null }
  /** What `key.json` of an earlier directory of the society held. */
  | { readonly type: 'exported'; readonly path: string; readonly text: string }

async function writeKey(directory: string, origin: KeyOrigin): Promise<string> {
  if (origin.type === 'exported') return importKey(directory, origin.path, origin.text)
  return didOf(keyOfBytes((await createKey(directory, origin.passphrase)).publicKey))
}

/**
 * Makes a node's directory: key, token and an empty store. `writeConfig` writes its `config.yaml`
 * once the directory is known to be free; it goes again where no key can be made. With a key that
 * may have signed before the node signs nothing until it has its society's chains from the other
 * members. Answers the society's id. Fails with `directory-in-use` where a node is, or was made.
 */
export async function initNode(options: {
  readonly directory: string
  readonly key: KeyOrigin
  readonly writeConfig: () => Promise<void>
}): Promise<string> {
  const { directory, key, writeConfig } = options
  await makeNodeDirectory(directory)
  const lock = await lockDirectory(directory)
  try {
    await writeConfig()
    const id = await writeKey(directory, key).catch(async (error: unknown) => {
      // Without a key there is no society yet: what is left would only forbid to try again.
      await rm(nodeFiles(directory).config, { force: true })
      throw error
    })
    await createTokens(directory)
    const store = await openLevelStore(directory, { lock, create: true })
    try {
      if (key.type === 'exported') await markRestored(store)
    } finally {
      await store.close()
    }
    return id
  } finally {
    await lock.release()
  }
}
