import { nearestName } from '../../base/nearest-name.ts'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import type { Refusal, Results } from '../cluster/results.ts'
import { listGroups } from './groups.ts'

/** Says of a group why something was not done; of one that does not exist, which may have been meant. */
export async function refuseGroup(
  results: Results,
  client: ClusterClient,
  group: string,
  refusal: Refusal,
  signal: AbortSignal,
): Promise<void> {
  const isUnknown = refusal.errorCode === errorCodes.GROUP_ID_NOT_FOUND
  const names = isUnknown ? (await listGroups(client, signal)).map((listed) => listed.group) : []
  const meant = nearestName(group, names)
  const advice = meant === undefined ? undefined : `Did you mean '${meant}'?`
  results.refused({ group }, `group '${group}'`, refusal, advice)
}
