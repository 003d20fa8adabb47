import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { importPeer } from '../peers/install.ts'
import { openLog, startOrbit, stopOrbit } from '../peers/orbit.ts'

/** Longest wait for the third to have both, in ms. */
const waitMs = 20_000
type Addresses = { readonly multiaddr: (text: string) => unknown }

const maker = await startOrbit({ id: 'liar' })
await maker.orbit.stop()
const one = await startOrbit({ id: 'liar', folder: maker.folder })
const other = await startOrbit({
  id: 'liar',
  prepare: (folder) =>
    cp(join(maker.folder, 'keystore'), join(folder, 'keystore'), { recursive: true }),
})
const logs = [await openLog(one), await openLog(other)]
await logs[0]?.add('50 to Alice')
await logs[1]?.add('50 to Bob')
const third = await startOrbit({})
const { multiaddr } = await importPeer<Addresses>('orbitdb', '@multiformats/multiaddr')
for (const { helia } of [one, other]) {
  await third.helia.libp2p.dial(multiaddr(String(helia.libp2p.getMultiaddrs()[0])))
}
const seen = await third.orbit.open(logs[0]?.address ?? '', { type: 'events' })
const startedAt = performance.now()
let shown = 0
while (shown < 2 && performance.now() - startedAt < waitMs) {
  await pause(50)
  shown = (await seen.all()).length
}
process.send?.(
  shown === 2
    ? 'a third node shows both pasts, nothing noticed'
    : `a third node shows ${shown} of two pasts, nothing noticed`,
)
await Promise.all([one, other, third].map((each) => stopOrbit(each)))
process.exit()
