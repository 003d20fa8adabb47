import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const trees: string[] = []

/** Files of a tree by their paths; a value of `-> PATH` is a symbolic link. */
export type TreeFiles = Readonly<Record<string, string>>

/** Writes files into a tree. */
async function writeTree(root: string, files: TreeFiles): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(root, file)
    await mkdir(dirname(path), { recursive: true })
    if (text.startsWith('-> ')) await symlink(text.slice(3), path)
    else await writeFile(path, text)
  }
}

/** A directory that holds these files, in the place of a machine's root. */
export async function makeTree(files: TreeFiles): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'society-sysfs-'))
  trees.push(root)
  await writeTree(root, files)
  return root
}

/** Removes every tree. */
export async function removeTrees(): Promise<void> {
  const roots = trees.splice(0)
  await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })))
}

const zone = '/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0'

/** A machine with one processor of 65 W, laid out and linked as Linux does it. */
export const raplFiles: TreeFiles = {
  '/sys/class/powercap/intel-rapl': '-> ../../devices/virtual/powercap/intel-rapl',
  '/sys/class/powercap/intel-rapl:0': '-> ../../devices/virtual/powercap/intel-rapl/intel-rapl:0',
  '/sys/class/powercap/intel-rapl:0:0':
    '-> ../../devices/virtual/powercap/intel-rapl/intel-rapl:0/intel-rapl:0:0',
  [`${zone}/name`]: 'package-0\n',
  [`${zone}/energy_uj`]: '120000000\n',
  [`${zone}/max_energy_range_uj`]: '262143328850\n',
  [`${zone}/constraint_0_name`]: 'long_term\n',
  [`${zone}/constraint_0_power_limit_uw`]: '65000000\n',
  [`${zone}/constraint_0_max_power_uw`]: '65000000\n',
  [`${zone}/constraint_1_name`]: 'short_term\n',
  [`${zone}/constraint_1_power_limit_uw`]: '90000000\n',
  [`${zone}/intel-rapl:0:0/name`]: 'core\n',
  [`${zone}/intel-rapl:0:0/energy_uj`]: '90000000\n',
  '/sys/class/dmi/id/product_uuid': '4c4c4544-0035-4a10-8052-b4c04f4d4e32\n',
  '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: Acme CPU 65 W @ 3.00GHz\nflags\t\t: fpu\n',
}

/** Where the files of the processor in `raplFiles` are. */
export const raplZone: string = zone

const monitor = '/sys/devices/platform/c240000.i2c/i2c-1/1-0040'

/** Where the files of the power monitor in `jetsonFiles` are. */
export const jetsonMonitor: string = `${monitor}/hwmon/hwmon3`

/** A Jetson board in its 15 W mode. */
export const jetsonFiles: TreeFiles = {
  '/sys/bus/i2c/devices/1-0040': '-> ../../../devices/platform/c240000.i2c/i2c-1/1-0040',
  [`${jetsonMonitor}/name`]: 'ina3221\n',
  [`${jetsonMonitor}/in1_label`]: 'VDD_IN\n',
  [`${jetsonMonitor}/in1_input`]: '5000\n',
  [`${jetsonMonitor}/curr1_input`]: '1500\n',
  [`${jetsonMonitor}/curr1_max`]: '32760\n',
  [`${jetsonMonitor}/curr1_crit`]: '5040\n',
  [`${jetsonMonitor}/in2_label`]: 'VDD_CPU_GPU_CV\n',
  [`${jetsonMonitor}/in2_input`]: '4992\n',
  [`${jetsonMonitor}/curr2_input`]: '300\n',
  [`${jetsonMonitor}/in3_label`]: 'NC\n',
  [`${jetsonMonitor}/in7_label`]: 'sum of shunt voltages\n',
  '/proc/device-tree/model': 'NVIDIA Jetson Orin Nano Developer Kit\0',
  '/proc/device-tree/serial-number': '1424522012345\0',
  '/var/lib/nvpmodel/status': 'pmode:0000',
  '/etc/nvpmodel.conf': '< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=1 NAME=MAXN_SUPER >\n',
}
