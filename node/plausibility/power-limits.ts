/** A processor's default power limit as its vendor gives it. */
export type PowerLimit = {
  /** Model as `canonicalModel` spells it. */
  readonly model: string
  /** Default limit in W; of variants under one name the highest. */
  readonly watts: number
  /** Document of the vendor, and what it calls the limit. */
  readonly source: string
}

const total = 'specifications on nvidia.com, total graphics power'
const rtx50 = `GeForce RTX 50 series ${total}`
const rtx40 = `GeForce RTX 40 series ${total}`
const rtx30 = `GeForce RTX 30 series ${total}`
const rtx20 = 'GeForce RTX 20 series specifications on nvidia.com, graphics card power'
const gtx10 = 'GeForce GTX 10 series specifications on nvidia.com, graphics card power'
const volta = 'Tesla V100 data sheet, maximum power consumption'
const pascal = 'Tesla P100 data sheet, maximum power consumption'
const a100 = 'A100 Tensor Core GPU data sheet, maximum thermal design power'
const h100 = 'H100 Tensor Core GPU data sheet, maximum thermal design power'
const h200 = 'H200 Tensor Core GPU data sheet, maximum thermal design power'
const blackwell = 'Blackwell data sheets, maximum thermal design power'
const ampere = 'data sheets of A2, A10, A16, A30 and A40, maximum power'
const ada = 'data sheets of L4, L40 and L40S, maximum power'
const workstation = 'RTX workstation data sheets, maximum power consumption'
const radeon = 'Radeon RX product pages on amd.com, typical board power'
const instinct = 'Instinct data sheets on amd.com, peak board power'
const arc = 'product specifications on intel.com, board power'

const rows: readonly (readonly [model: string, watts: number, source: string])[] = [
  ['rtx 5090', 575, rtx50],
  ['rtx 5080', 360, rtx50],
  ['rtx 5070 ti', 300, rtx50],
  ['rtx 5070', 250, rtx50],
  ['rtx 5060 ti', 180, rtx50],
  ['rtx 5060', 145, rtx50],
  ['rtx 4090', 450, rtx40],
  ['rtx 4080 super', 320, rtx40],
  ['rtx 4080', 320, rtx40],
  ['rtx 4070 ti super', 285, rtx40],
  ['rtx 4070 ti', 285, rtx40],
  ['rtx 4070 super', 220, rtx40],
  ['rtx 4070', 200, rtx40],
  ['rtx 4060 ti', 165, rtx40],
  ['rtx 4060', 115, rtx40],
  ['rtx 3090 ti', 450, rtx30],
  ['rtx 3090', 350, rtx30],
  ['rtx 3080 ti', 350, rtx30],
  ['rtx 3080', 350, rtx30],
  ['rtx 3070 ti', 290, rtx30],
  ['rtx 3070', 220, rtx30],
  ['rtx 3060 ti', 200, rtx30],
  ['rtx 3060', 170, rtx30],
  ['rtx 2080 ti', 260, rtx20],
  ['gtx 1080 ti', 250, gtx10],
  ['t4', 70, 'T4 data sheet, maximum power'],
  ['p100 pcie', 250, pascal],
  ['v100', 300, volta],
  ['v100 pcie', 250, volta],
  ['v100 sxm2', 300, volta],
  ['a100', 400, a100],
  ['a100 pcie', 300, a100],
  ['a100 sxm4', 400, a100],
  ['h100 pcie', 350, h100],
  ['h100 nvl', 400, h100],
  ['h100', 700, h100],
  ['h100 sxm5', 700, h100],
  ['h200 nvl', 600, h200],
  ['h200', 700, h200],
  ['b200', 1_000, blackwell],
  ['gb200', 1_200, blackwell],
  ['b300', 1_400, blackwell],
  ['gh200', 1_000, 'GH200 Superchip data sheet, programmable thermal design power'],
  ['a2', 60, ampere],
  ['a10', 150, ampere],
  ['a16', 250, ampere],
  ['a30', 165, ampere],
  ['a40', 300, ampere],
  ['l4', 72, ada],
  ['l40', 300, ada],
  ['l40s', 350, ada],
  ['rtx 6000 ada', 300, workstation],
  ['rtx a6000', 300, workstation],
  ['rtx a5000', 230, workstation],
  ['rtx a4000', 140, workstation],
  ['rtx pro 6000 blackwell workstation', 600, workstation],
  ['rx 9070 xt', 304, radeon],
  ['rx 9070', 220, radeon],
  ['rx 7900 xtx', 355, radeon],
  ['rx 7900 xt', 315, radeon],
  ['rx 7800 xt', 263, radeon],
  ['rx 6900 xt', 300, radeon],
  ['mi210', 300, instinct],
  ['mi250x', 560, instinct],
  ['mi300x', 750, instinct],
  ['mi325x', 1_000, instinct],
  ['mi350x', 1_000, instinct],
  ['mi355x', 1_400, instinct],
  ['a770', 225, arc],
  ['b580', 190, arc],
]

/** Default power limits that vendors publish. */
export const powerLimits: readonly PowerLimit[] = rows.map(([model, watts, source]) => ({
  model,
  watts,
  source,
}))

/** Words that makers and drivers add to the name of a model. */
const added: ReadonlySet<string> = new Set(
  [
    'nvidia amd intel geforce radeon tesla quadro instinct arc accelerator oam',
    'graphics card gpu generation founders edition tm r',
  ].flatMap((line) => line.split(' ')),
)
/** Sizes and kinds of memory. */
const memory = /^(\d+g[bi]?b?|hbm\d?e?|gddr\d?x?)$/

/** One spelling of a model: lower case, without makers, brands and memory. */
export function canonicalModel(name: string): string {
  const words = name.toLowerCase().split(/[^a-z0-9]+/)
  return words.filter((word) => word !== '' && !added.has(word) && !memory.test(word)).join(' ')
}

const byModel: ReadonlyMap<string, PowerLimit> = new Map(
  powerLimits.map((limit) => [limit.model, limit]),
)

/** The vendor's limit of a model under whatever name a driver gives it. */
export function powerLimitOf(name: string): PowerLimit | undefined {
  return byModel.get(canonicalModel(name))
}
