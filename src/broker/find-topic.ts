import type { ClusterView, TopicView } from '../cluster/cluster-view.ts'

/** A topic as requests refer to it: one of the two says nothing. */
export interface TopicReference {
  readonly name?: string | null
  /** 22 characters, as Kafka prints it. */
  readonly topicId: string
}

/** The topic that is meant `byId` or by its name; undefined when there is none. */
export function findTopic(
  { topics, topicsById }: ClusterView,
  { name, topicId }: TopicReference,
  byId: boolean,
): TopicView | undefined {
  return byId ? topicsById.get(topicId) : topics.get(name ?? '')
}

/** Its name, which a request may give for a topic that does not exist; undefined when no topic has the id. */
export function topicName(view: ClusterView, reference: TopicReference, byId: boolean): string | undefined {
  return byId ? findTopic(view, reference, byId)?.name : (reference.name ?? undefined)
}
