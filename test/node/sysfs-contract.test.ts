import { join } from 'node:path'
import { jetsonCompute } from '../../node/meters/jetson/compute.ts'
import { raplCompute } from '../../node/meters/rapl/compute.ts'
import { openSysfs } from '../../node/meters/sysfs/sysfs-root.ts'
import { meterContract, type DeviceUnderTest } from '../contracts/meter.ts'
import {
  jetsonFiles,
  jetsonMonitor,
  makeTree,
  raplFiles,
  raplZone,
  removeTrees,
  type TreeFiles,
} from '../support/sysfs-tree.ts'

type Behaviours = Readonly<Record<string, TreeFiles>>

/** Starts what is a tree of files, changed as a behaviour has it. */
function treeDevice(
  files: TreeFiles,
  behaviours: Behaviours,
  measured: typeof raplCompute | typeof jetsonCompute,
) {
  return async (behaviour: string): Promise<DeviceUnderTest> => {
    const root = await makeTree({ ...files, ...behaviours[behaviour] })
    const open = async () => {
      const opened = await openSysfs(behaviour === 'absent' ? join(root, 'absent') : root)
      // What the machine's own tree would be like.
      return behaviour === 'unmarked' ? { ...opened, simulated: false } : opened
    }
    // Silent is one whose second look never comes.
    const intervalMs = behaviour === 'silent' ? 600_000 : 20
    return {
      meter: ({ patienceMs, ...settings }) =>
        measured({ open, intervalMs, timeoutMs: patienceMs, ...settings }),
    }
  }
}

meterContract('RAPL, compute', {
  type: 'compute',
  scheme: 'rapl',
  fields: { tdp: 65, idle: 0, utilisation: 1, model: 'Acme CPU 65 W @ 3.00GHz' },
  start: treeDevice(
    raplFiles,
    {
      platform: { [`${raplZone}/name`]: 'psys' },
      text: { [`${raplZone}/energy_uj`]: 'many' },
      unrated: { [`${raplZone}/constraint_0_name`]: 'peak' },
      huge: { [`${raplZone}/constraint_0_max_power_uw`]: '9000000000' },
      unset: { '/sys/class/dmi/id/product_uuid': 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF' },
    },
    raplCompute,
  ),
  dispose: removeTrees,
  unavailable: [['platform', 'shows no RAPL package']],
  nonsense: [
    ['text', 'where a number belongs'],
    ['unrated', 'tells neither what it may draw'],
    ['huge', 'which no processor has'],
  ],
  nameless: [['unset', 'a placeholder']],
})

meterContract('INA3221, compute', {
  type: 'compute',
  scheme: 'jetson',
  fields: { tdp: 15, idle: 0, utilisation: 1, model: 'NVIDIA Jetson Orin Nano Developer Kit' },
  start: treeDevice(
    jetsonFiles,
    {
      'another chip': { [`${jetsonMonitor}/name`]: 'ina219' },
      text: { [`${jetsonMonitor}/curr1_input`]: '1.5' },
      mute: { [`${jetsonMonitor}/in1_input`]: '' },
      huge: { [`${jetsonMonitor}/curr1_input`]: '999999999' },
      dead: {
        [`${jetsonMonitor}/curr1_input`]: '0',
        [`${jetsonMonitor}/curr1_crit`]: '0',
        '/etc/nvpmodel.conf': '',
      },
      unset: { '/proc/device-tree/serial-number': '0000000000000\0' },
    },
    jetsonCompute,
  ),
  dispose: removeTrees,
  unavailable: [['another chip', 'no INA3221 power monitor']],
  nonsense: [
    ['text', 'where a number belongs'],
    ['mute', 'tells no voltage or no current'],
    ['huge', 'which no Jetson can have'],
    ['dead', 'draws nothing'],
  ],
  nameless: [['unset', 'is a placeholder']],
})
