import { policyRules, type PolicyName } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import { createFile } from '../store/durable-file.ts'
import { defaultConfig, parseConfig } from './config.ts'
import { nodeFiles } from './directory.ts'

/** What `init` asks for. */
export type ConfigTemplateOptions = {
  readonly name: string
  readonly federation: string
  /** Founding ADP, a decimal. */
  readonly adp?: string
  /** Whether whoever applies is a citizen and member at once; test federations only. */
  readonly open?: boolean
}

function policyDefault(name: PolicyName): number {
  return policyRules[name].default / policyRules[name].factor
}

const { network, api, automation, cosign, history, renewal, clock, witness, log } = defaultConfig

function networkLines(): string {
  return `
network:
  # Where to listen for other nodes. Port 0 takes any free port: give one, and open it in your
  # router, if others are to find this node again.
  listen: [${network.listen.join(', ')}]
  # Addresses to tell others instead, where a router or proxy is between.
  # announce: []
  # Nodes to begin with: /ip4/.../tcp/.../p2p/... as their operators tell you.
  # bootstrap: []
  # Finds nodes on the local network.
  mdns: ${network.mdns}
  # webSockets: ${network.webSockets}
  # maxConnections: ${network.maxConnections}

api:
  # The API and the dashboard. Anything but loopback lets others try the token.
  host: ${api.host}
  # 0 takes any free port; the commands find it by themselves.
  port: ${api.port}
`
}

function policyLines(open: boolean): string {
  return `
# The society's own rules, signed into its founding record. What is left out has the value shown.
# A limit of 0 is for federations whose name begins with test-.
policy:
  # Minutes for which a charge occupies the watts of its source at least.
  # minimumOccupancy: ${policyDefault('minimumOccupancy')}
  # Days until charged ATP expire; at most 30.
  # atpLifetimeDays: ${policyDefault('atpLifetimeDays')}
  # Hours that a worker has, unless the allocation says otherwise.
  # ticketDeadlineHours: ${policyDefault('ticketDeadlineHours')}
  # Hours after which a waiting request moves up a class.
  # ageingHours: ${policyDefault('ageingHours')}
  # ATP of one batch that may expire unused without an alert.
  # wasteAlert: ${policyDefault('wasteAlert')}
  # Assurance of sources, 0 to 4, that others' ATP must have to be accepted.
  # acceptAssurance: ${policyDefault('acceptAssurance')}
  # certified or signed: whether to wait for a giver's witnesses, where it has any.
  # acceptFinality: certified
  # Hours that a bonded source may fail before the bond is violated.
  # bondGraceHours: ${policyDefault('bondGraceHours')}
  # Days of notice before a citizen with lent ATP has left.
  # leaveNoticeDays: ${policyDefault('leaveNoticeDays')}
  # What a sponsor needs before it may vouch: interactions, days of bond, trust of its endorsers.
  # vouchInteractions: ${policyDefault('vouchInteractions')}
  # vouchBondDays: ${policyDefault('vouchBondDays')}
  # vouchTrust: ${policyDefault('vouchTrust')}
  # invited or open: who becomes a member of the federation.
  ${open ? '' : '# '}admission: ${open ? 'open' : 'invited'}
`
}

function witnessLines(): string {
  return `# Others look at this society's sources themselves, as witnesses, and this node at theirs.
witness:
  # Whether this node looks where it is chosen, and asks for witnesses of its own sources.
  # looks: ${witness.looks}
  # asks: ${witness.asks}
  # Devices of others that this node may dial itself, as HOST:PORT or CIDR:PORT (port * for any).
  # What it sees of others comes through the claimant's node, and proves less.
  # allow: []
  # Samples of one look, and seconds between two.
  # samples: ${witness.samples}
  # gapSeconds: ${witness.gapSeconds}
  # Lets witnesses through to own devices that speak TLS. This node cannot see then what they send:
  # only for devices that let nobody but their owner change anything.
  # relaySealed: ${witness.relaySealed}

devices:
  # PEM files with the certificates of device makers: what these sign is the key of a device. Also
  # of those who certify grid operators and exporters of GPUs: whose servers are who they say.
  # makers: []
  # This node's own certificate and key, for devices that ask for one.
  # certificate: ''
  # key: ''
`
}

/** The text of a commented `config.yaml`; what is left to the defaults stands there as comments. */
export function configTemplate(options: ConfigTemplateOptions): string {
  // JSON's strings are YAML's, whatever is in them.
  const [name, federation] = [options.name, options.federation].map((text) => JSON.stringify(text))
  return `# What this node is and does. Read at the start; restart the node after a change.

# The society's name and its federation. Both are signed into its founding record.
name: ${name}
federation: ${federation}
${networkLines()}${policyLines(options.open ?? false)}
founding:
  # ADP that the society declares when it is founded, once.
  adp: ${options.adp ?? defaultConfig.founding.adp}

automation:
  # true: the node does nothing by itself (take grants, settle, serve its queue, ...).
  manual: ${automation.manual}

cosign:
  # Whose completions to sign without asking: known (it fits a ticket or request of ours) or ask.
  # A worker's hours are signed only of tickets that were confirmed by society work confirm.
  worker: ${cosign.worker}
  beneficiary: ${cosign.beneficiary}

history:
  # What is kept of documents, all (every change that ever was, for whoever asks) or window (what is
  # older than the newest checkpoint by a society's witnesses that is 60 days old is dropped).
  keep: ${history.keep}

renewal:
  # Minutes between two looks at each device that was measured: what it proves is renewed in time,
  # and a capacity that has fallen is told at once. 0 measures only what is due, and each once
  # after a start.
  watchMinutes: ${renewal.watchMinutes}

clock:
  # Time servers to compare this machine's clock with, beside the other societies' clocks.
  # sntp: []
  # Seconds by which this node's clock is set ahead, to see what time does; for federations whose
  # name begins with test- and whose nodes are all set ahead as far. Never less than before.
  # aheadSeconds: ${clock.aheadSeconds}

${witnessLines()}
log:
  # debug, info, warn or error.
  level: ${log.level}
`
}

/**
 * Writes `config.yaml` for `init`, from options that give a legal one; else `malformed`, as where
 * there is one already, which is never replaced.
 */
export async function writeConfig(
  directory: string,
  options: ConfigTemplateOptions,
): Promise<void> {
  const path = nodeFiles(directory).config
  const text = configTemplate(options)
  parseConfig(text, path)
  if (!(await createFile(path, text))) {
    throw new Failure(
      'malformed',
      `There is a ${path} already; change it, or choose another --dir.`,
    )
  }
}
