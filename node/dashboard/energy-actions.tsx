import type { VNode } from 'preact'
import type { Status } from './answers.ts'
import { ActionForm, type Choice, type Filled } from './form.tsx'
import { sourceName } from './words.ts'

/** How a device is asked, as `society prove` names it, and what its address looks like. */
const meters: readonly Choice[] = [
  { value: 'solar sunspec', label: 'Solar inverter, SunSpec (HOST:PORT)' },
  { value: 'battery sunspec', label: 'Battery, SunSpec (HOST:PORT)' },
  { value: 'wind sunspec', label: 'Wind, SunSpec (HOST:PORT)' },
  { value: 'solar fronius', label: 'Solar inverter, Fronius (http://HOST)' },
  { value: 'solar victron', label: 'Solar, Victron GX (HOST:PORT)' },
  { value: 'battery victron', label: 'Battery, Victron GX (HOST:PORT)' },
  { value: 'grid p1', label: 'Smart meter, P1 (HOST:PORT)' },
  { value: 'compute nvml', label: 'NVIDIA GPU of this machine' },
  { value: 'compute rapl', label: 'Processors of this machine' },
  { value: 'compute jetson', label: 'This Jetson board' },
  { value: 'human receipts', label: 'Work by hand, by receipts of others' },
]

/** What is asked without an address: this machine itself, and the ledgers. */
const here: ReadonlySet<string> = new Set(['nvml', 'rapl', 'jetson', 'receipts'])

const measurement = (filled: Filled): Readonly<Record<string, unknown>> => {
  const [type = '', way = ''] = String(filled['meter'] ?? '').split(' ')
  const { address, site, dryRun } = filled
  return {
    type,
    [way]: here.has(way) ? true : address,
    ...(site === undefined ? {} : { site }),
    ...(dryRun === true ? { dryRun } : {}),
  }
}

/** Charging, measuring and retiring sources. */
export function EnergyActions({ status }: { readonly status: Status }): VNode {
  const sources = Object.entries(status.energy.sources)
    .filter(([, { state }]) => state !== 'retired')
    .map(([id]) => ({ value: id, label: sourceName(id) }))
  return (
    <div class="actions">
      <ActionForm
        title="Charge ATP"
        verb="Charge"
        note="ADP becomes ATP against free watts, hour by hour; unused it expires and is ADP again."
        fields={[
          { name: 'amount', label: 'Amount', unit: 'ATP', type: 'number', required: true },
          { name: 'source', label: 'Source', choices: sources, required: true },
          {
            name: 'lifetimeDays',
            label: 'Lifetime',
            unit: 'days',
            type: 'number',
            hint: 'As the policy says where this is empty',
          },
        ]}
        deed={(filled) => ({ kind: 'atp.charge', with: filled })}
      />
      <ActionForm
        title="Measure a device"
        verb="Measure"
        note="The node asks the device itself, signs what it answers and publishes it."
        fields={[
          { name: 'meter', label: 'Device', choices: meters, required: true },
          { name: 'address', label: 'Address', hint: 'Empty for this machine and for work' },
          { name: 'site', label: 'Site', hint: 'LAT,LON in degrees; may be empty' },
          { name: 'dryRun', label: 'Only try: sign and publish nothing', type: 'flag' },
        ]}
        deed={(filled) => ({
          kind: 'energy.prove',
          path: '/v1/measurements',
          with: measurement(filled),
        })}
      />
      <ActionForm
        title="Retire a source"
        verb="Retire"
        note="For a device that is sold or gone. ATP that was charged against it stays."
        fields={[{ name: 'source', label: 'Source', choices: sources, required: true }]}
        deed={(filled) => ({ kind: 'energy.retire', with: filled })}
      />
    </div>
  )
}
