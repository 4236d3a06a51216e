import type { Command } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { deleteGroupsRequest, deleteGroupsResponse } from '../../wire/messages/42-delete-groups.ts'
import { Results } from '../cluster/results.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import type { Session } from '../session.ts'
import { refuseGroup } from './refuse-group.ts'

interface DeleteOptions extends ClusterOptions {
  readonly ifExists?: boolean
}

const deleteGroupsApi = rpc(deleteGroupsRequest, deleteGroupsResponse)

/** `tidemark group delete NAME...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of the groups')
    .option('--if-exists', 'groups that do not exist are no failure')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((names: string[], options: DeleteOptions) =>
      withCluster(session, options, async (client) => {
        const results = new Results(session, options)
        for (const name of names) await remove(session, client, results, { group: name, ...options })
      }),
    )
}

const help = `
Deletes groups that nobody is in, with the offsets that they have committed.

Examples:
  tidemark group delete billing
  tidemark group delete billing shipping --if-exists
`

async function remove(
  { signal }: Session,
  client: ClusterClient,
  results: Results,
  { group, ifExists }: { readonly group: string; readonly ifExists?: boolean },
): Promise<void> {
  // Each group has a coordinator of its own.
  const response = await client.call({ group }, deleteGroupsApi, { groupsNames: [group] }, { signal })
  const errorCode = response.results[0]?.errorCode ?? errorCodes.UNKNOWN_SERVER_ERROR
  if (errorCode === errorCodes.NONE) results.done({ group, isDeleted: true }, `group '${group}': deleted`)
  else if (errorCode === errorCodes.GROUP_ID_NOT_FOUND && ifExists === true)
    results.done({ group, isDeleted: false }, `group '${group}': does not exist`)
  else await refuseGroup(results, client, group, { errorCode }, signal)
}
