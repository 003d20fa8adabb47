import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Builds the dashboard into the directory that is named, else into `dist/dashboard`. */
async function buildDashboard(outDir = place('../dist/dashboard')): Promise<void> {
  await build({
    root: place('../node/dashboard'),
    configFile: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    // Everything as a file of its own: the page's policy allows nothing inside its text.
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  })
}

await buildDashboard(process.argv[2])
