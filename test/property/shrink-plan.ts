import type { Plan } from './log-operation.ts'

/**
 * Leaves out one operation after the other as long as the plan goes on failing: what is left is usually short enough
 * to understand. Resolves with the shortest plan found and its failure.
 */
export async function shrinkPlan(
  plan: Plan,
  failureOf: (plan: Plan) => Promise<Error | undefined>,
): Promise<{ readonly plan: Plan; readonly failure: Error | undefined }> {
  let shortest = plan
  let failure = await failureOf(plan)
  for (let index = plan.operations.length - 1; index >= 0; index--) {
    const operations = shortest.operations.filter((_, at) => at !== index)
    const shorter = await failureOf({ ...shortest, operations })
    if (shorter === undefined) continue
    shortest = { ...shortest, operations }
    failure = shorter
  }
  return { plan: shortest, failure }
}
