/**
 * Writes the types of the typed client from the schemas of the API's routes. Run with
 * `npm run client`; a test compares.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { routes } from '../node/api/routes/all.ts'
import { clientFiles } from './client/operations.ts'

const root = dirname(import.meta.dirname)
for (const [path, text] of clientFiles(routes)) writeFileSync(join(root, path), text)
