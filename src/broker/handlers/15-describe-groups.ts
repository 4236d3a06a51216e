import { errorCodes } from '../../wire/error-codes.ts'
import { describeGroupsRequest, describeGroupsResponse } from '../../wire/messages/15-describe-groups.ts'
import { authorizedOperations } from '../authorized-operations.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** Groups, with their members and what is assigned to them. */
export const describeGroups = handler(
  { request: describeGroupsRequest, response: describeGroupsResponse },
  async (broker, request, context) => {
    const response = await broker.groups.describeGroups(groupContext(context), request)
    if (!request.includeAuthorizedOperations) return response
    const groups = response.groups.map((group) =>
      group.errorCode === errorCodes.NONE
        ? { ...group, authorizedOperations: authorizedOperations.group }
        : group,
    )
    return { ...response, groups }
  },
)
