import type { Command } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import { addClusterOptions, type ClusterOptions, withAdmin } from '../cluster/with-cluster.ts'
import { formatTable } from '../output/table.ts'
import type { Session } from '../session.ts'

interface ListOptions extends ClusterOptions {
  readonly state?: string
  readonly quiet?: boolean
}

/** `tidemark group list` */
export function define(command: Command, session: Session): void {
  command
    .option('--state <state,...>', 'only groups in these states: Stable, Empty, ...')
    .option('-q, --quiet', 'only the names')
  addClusterOptions(command)
    .addHelpText('after', examples)
    .action((options: ListOptions) => withAdmin(session, options, (admin) => list(session, admin, options)))
}

const examples = `
Examples:
  tidemark group list
  tidemark group list --state Empty -q | xargs -r tidemark group delete
`

async function list(session: Session, admin: Admin, options: ListOptions): Promise<void> {
  const { output, signal } = session
  const states = options.state?.split(',').map((state) => state.trim().toLowerCase())
  const groups = (await admin.listGroups({ signal }))
    .filter(({ state }) => states === undefined || states.includes(state.toLowerCase()))
    .map(({ groupId, state, type, protocolType, coordinatorId }) => ({
      ...{ group: groupId, state, type, protocolType, coordinator: coordinatorId },
    }))
  if (options.json === true) for (const group of groups) output.line(JSON.stringify(group))
  else if (options.quiet === true) for (const { group } of groups) output.line(group)
  else if (groups.length === 0) session.say('there are no such groups: a consumer makes one when it joins')
  else {
    const head = ['GROUP', 'STATE', 'TYPE', 'PROTOCOL', 'COORDINATOR']
    const rows = groups.map((each) => [
      each.group,
      each.state,
      each.type,
      each.protocolType || '-',
      `${each.coordinator}`,
    ])
    for (const line of formatTable([head, ...rows])) output.line(line)
  }
}
