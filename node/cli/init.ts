import { readFile, writeFile } from 'node:fs/promises'
import { isMap, parseDocument } from 'yaml'
import { Failure } from '../../src/index.ts'
import { parseConfig } from '../config/config.ts'
import { configTemplate } from '../config/config-template.ts'
import { nodeFiles } from '../config/directory.ts'
import { initNode } from '../init.ts'
import { textOf, type Given } from './command.ts'
import { newPassphrase } from './passphrase.ts'

/** The commented configuration, with what the flags say put into it. */
function configFor(given: Given): string {
  const template = configTemplate({
    name: textOf(given, 'name') ?? '',
    federation: textOf(given, 'federation') ?? 'home',
    open: given['open'] === true,
    ...(textOf(given, 'adp') === undefined ? {} : { adp: textOf(given, 'adp') as string }),
  })
  const document = parseDocument(template)
  if (!isMap(document.contents)) throw new TypeError('the template is a map')
  for (const name of ['listen', 'bootstrap']) {
    const values = given[name]
    if (Array.isArray(values) && values.length > 0) document.setIn(['network', name], values)
  }
  if (given['noMdns'] === true) document.setIn(['network', 'mdns'], false)
  const port = textOf(given, 'apiPort')
  if (port !== undefined) document.setIn(['api', 'port'], Number(port))
  return document.toString()
}

/** Makes a node's directory from the flags of `init`; answers the society's id. */
export async function initFromFlags(given: Given, directory: string): Promise<string> {
  const path = nodeFiles(directory).config
  const text = configFor(given)
  parseConfig(text, path)
  const insecure = given['insecureNoPassphrase'] === true
  const passphrase = insecure ? null : await newPassphrase(given)
  return initNode({
    directory,
    passphrase,
    writeConfig: async () => {
      try {
        await writeFile(path, text, { flag: 'wx', mode: 0o600 })
      } catch (cause) {
        const message = `a society lives in ${directory} already; choose another --dir`
        throw new Failure('directory-in-use', message, { cause })
      }
    },
  })
}

/** Id and public key of the society of a directory; no secret is read. */
export async function readPublicKey(
  directory: string,
): Promise<{ readonly id: string; readonly publicKey: string }> {
  let text: string
  try {
    text = await readFile(nodeFiles(directory).key, 'utf8')
  } catch (cause) {
    throw new Failure('malformed', `there is no key in ${directory}; run 'society init'`, { cause })
  }
  const { did, publicKey } = JSON.parse(text) as { did: string; publicKey: string }
  return { id: did, publicKey }
}
