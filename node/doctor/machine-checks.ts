import { given, illIfAny, unknown, wellIf, type Check } from './check.ts'
import {
  clockOffsetMsMax,
  freeDiskBytesMin,
  freeMemoryBytesMin,
  openFilesMin,
  syncMsMax,
} from './limits.ts'

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MiB`
/** What clocks of machines and files may differ by, in ms. */
const clockSlackMs = 60_000

/** The machine that the node runs on. */
export const machineChecks: readonly Check[] = [
  {
    code: 'runtime',
    asks: 'Is Node new enough?',
    mend: 'Run it with npm run society, which brings its own Node 24.',
    look: ({ machine: { nodeVersion } }) =>
      wellIf(Number.parseInt(nodeVersion, 10) >= 24, nodeVersion, `${nodeVersion} is too old`),
  },
  {
    code: 'disk-space',
    asks: 'Is there room on the disk?',
    mend: 'Make room: a node whose disk is full stops signing until it is started again.',
    look: ({ machine }) =>
      given(machine.freeDiskBytes, (bytes) => {
        const free = `${mebibytes(bytes)} free`
        return wellIf(bytes >= freeDiskBytesMin, free, `only ${free}`)
      }),
  },
  {
    code: 'disk-sync',
    asks: 'Does a durable write take a short time?',
    mend: 'Move the directory to a faster disk, and off network shares: every record waits for it.',
    look: ({ machine }) =>
      given(machine.syncMs, (ms) => wellIf(ms <= syncMsMax, `${ms} ms`, `it takes ${ms} ms`)),
  },
  {
    code: 'memory-free',
    asks: 'Has the machine memory left?',
    mend: 'End other programs, or give the machine more memory.',
    look: ({ machine }) =>
      given(machine.freeMemoryBytes, (bytes) => {
        const free = `${mebibytes(bytes)} available`
        return wellIf(bytes >= freeMemoryBytesMin, free, `only ${free}`)
      }),
  },
  {
    code: 'open-files',
    asks: 'May the node hold enough files open?',
    mend: 'Raise the limit: LimitNOFILE in the unit, or ulimit -n where it is started by hand.',
    look: ({ machine }) =>
      given(machine.openFilesMax, (most) =>
        wellIf(most >= openFilesMin, `${most}`, `${most} are few; ${openFilesMin} are needed`),
      ),
  },
  {
    code: 'ports-free',
    asks: 'Are the ports of config.yaml to be had?',
    mend: 'Stop what listens there, or choose other ports in config.yaml.',
    look: ({ machine }) =>
      given(machine.portsTaken, (ports) =>
        illIfAny(ports, 'nothing else listens there', 'in config.yaml'),
      ),
  },
  {
    code: 'clock-files',
    asks: 'Is the clock ahead of what was written by it?',
    mend: 'Set the machine’s clock; a node signs nothing while it is behind what it signed.',
    look: ({ machineNow, directory }) =>
      given(directory.newestFile, (newest) =>
        wellIf(
          newest <= machineNow + clockSlackMs,
          'no file is from the future',
          `a file of the directory is from ${new Date(newest).toISOString()}, later than now`,
        ),
      ),
  },
  {
    code: 'clock-servers',
    asks: 'Do time servers agree with the clock?',
    mend: 'Let the machine set its clock by a time server; name some in clock.sntp.',
    look: ({ machine }) =>
      given(machine.serversOffsetMs, (ms) => {
        if (ms === null) return unknown('none are named in clock.sntp')
        const off = `${Math.abs(Math.round(ms))} ms`
        return wellIf(Math.abs(ms) <= clockOffsetMsMax, `${off} off`, `it is ${off} off`)
      }),
  },
]
