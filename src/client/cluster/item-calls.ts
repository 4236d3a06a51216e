import { assert } from '../../base/assert.ts'
import { TidemarkError } from '../../base/errors.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import type { Target } from './broker-finder.ts'
import type { ClusterClient, LinkOptions } from './cluster-client.ts'
import { type Answered, responseError } from './response-error.ts'
import { retry } from './retry.ts'

/** How several things are asked for, each of which may fail for itself. */
export interface ItemCall<Item, Answer extends Answered> {
  /** Who answers for an item. */
  readonly targetOf: (item: Item) => Target
  /** What an error calls an item, such as `topic 'orders'`. */
  readonly subjectOf: (item: Item) => string
  /** Asks one broker for the items that are its own: an answer for each, in their order; undefined where there is none. */
  readonly ask: (
    link: BrokerLink,
    items: readonly Item[],
    options: CallOptions,
  ) => Promise<readonly (Answer | undefined)[]>
  /** The error in an answer, if there is one. Default: {@link responseError} of its code. */
  readonly errorIn?: (answer: Answered, subject: string) => KafkaError | undefined
  /** Of the errors that are retriable, those after which an item is asked for again. Default: all. */
  readonly mayPass?: (error: TidemarkError, item: Item) => boolean
}

/** What was found out about an item, or why it was not. */
export type Outcome<Item, Value> =
  | { readonly of: Item; readonly value: Value; readonly error?: undefined }
  | { readonly of: Item; readonly error: TidemarkError }

/** An item on its way to an outcome. */
interface Question<Item, Answer> {
  readonly of: Item
  readonly target: Target
  outcome: Outcome<Item, Answer> | undefined
}

/**
 * Asks for items, each broker for those that are its own, all brokers at once; and again for the ones whose failure may pass, of
 * whoever answers for them then, until the client's `apiTimeoutMs` is over. An outcome for each, in their order.
 *
 * @throws ConnectionError, TimeoutError when nobody could be asked at all; what no broker told and does not pass, such as
 *   UnsupportedVersionError or the reason of the signal
 */
export async function askEach<Item, Answer extends Answered>(
  client: ClusterClient,
  items: readonly Item[],
  call: ItemCall<Item, Answer>,
  options: LinkOptions = {},
): Promise<Outcome<Item, Answer>[]> {
  const questions = questionsOf(items, call)
  const attempt = async (): Promise<void> => {
    await ask(
      client,
      questions.filter((each) => isOpen(each, call)),
      call,
      options,
    )
    const errors = questions.flatMap(({ outcome }) => outcome?.error ?? [])
    const failure = errors.find(isOfCaller) ?? questions.find((each) => isOpen(each, call))?.outcome?.error
    if (failure !== undefined) throw failure
  }
  try {
    await retry(attempt, { env: client.env, limits: client.limits, signal: options.signal })
  } catch (error) {
    const errors = questions.map(({ outcome }) => outcome?.error)
    const isOfItem = errors.some((each) => each === error) && !isOfCaller(error)
    const isOfAll = errors.every((each) => each !== undefined && !(each instanceof KafkaError))
    if (!isOfItem || isOfAll) throw error
  }
  return questions.map(outcomeOf)
}

/** As {@link askEach}, but once. @throws what is no {@link TidemarkError}, such as the reason of the signal */
export async function askEachOnce<Item, Answer extends Answered>(
  client: ClusterClient,
  items: readonly Item[],
  call: ItemCall<Item, Answer>,
  options: LinkOptions = {},
): Promise<Outcome<Item, Answer>[]> {
  const questions = questionsOf(items, call)
  await ask(client, questions, call, options)
  return questions.map(outcomeOf)
}

function questionsOf<Item, Answer extends Answered>(
  items: readonly Item[],
  { targetOf }: ItemCall<Item, Answer>,
): Question<Item, Answer>[] {
  return items.map((of) => ({ of, target: targetOf(of), outcome: undefined }))
}

function outcomeOf<Item, Answer>({ outcome }: Question<Item, Answer>): Outcome<Item, Answer> {
  assert(outcome !== undefined, 'what was asked for has an outcome')
  return outcome
}

/** Whether it is to be asked for, for the first time or again. */
function isOpen<Item>(
  { of, outcome }: Question<Item, unknown>,
  { mayPass }: Pick<ItemCall<Item, Answered>, 'mayPass'>,
): boolean {
  if (outcome === undefined) return true
  const { error } = outcome
  return error !== undefined && error.retriable && (mayPass?.(error, of) ?? true)
}

/** Neither told by a broker nor about to pass: whoever has called must hear of it. */
function isOfCaller(error: unknown): boolean {
  return !(error instanceof KafkaError) && !(error instanceof TidemarkError && error.retriable)
}

async function ask<Item, Answer extends Answered>(
  client: ClusterClient,
  questions: readonly Question<Item, Answer>[],
  call: ItemCall<Item, Answer>,
  options: LinkOptions,
): Promise<void> {
  const { signal } = options
  const groups = await groupByLink(client, questions, options)
  const asked = [...groups].map(([link, group]) =>
    failingTogether(client, group, async () => {
      const items = group.map(({ of }) => of)
      const answers = await call.ask(link, items, signal === undefined ? {} : { signal })
      for (const [index, question] of group.entries()) note(client, question, answers[index], call)
    }),
  )
  await Promise.all(asked)
}

/** The questions by the connection to who answers them: several targets may be one broker. */
async function groupByLink<Q extends Question<unknown, unknown>>(
  client: ClusterClient,
  questions: readonly Q[],
  options: LinkOptions,
): Promise<Map<BrokerLink, Q[]>> {
  const byLink = new Map<BrokerLink, Q[]>()
  const found = [...groupByTarget(questions)].map(([target, group]) =>
    failingTogether(client, group, async () => {
      const link = await client.link(target, options)
      const others = byLink.get(link)
      if (others === undefined) byLink.set(link, [...group])
      else others.push(...group)
    }),
  )
  await Promise.all(found)
  return byLink
}

function groupByTarget<Q extends Question<unknown, unknown>>(questions: readonly Q[]): Map<Target, Q[]> {
  const byText = new Map<string, Q[]>()
  for (const question of questions) {
    const text = JSON.stringify(question.target)
    const group = byText.get(text)
    if (group === undefined) byText.set(text, [question])
    else group.push(question)
  }
  return new Map([...byText.values()].flatMap((group) => group.slice(0, 1).map((q) => [q.target, group])))
}

/** A failure to ask is the failure of all that was to be asked for. */
async function failingTogether(
  client: ClusterClient,
  questions: readonly Question<unknown, unknown>[],
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    for (const question of questions) fail(client, question, error)
  }
}

function note<Item, Answer extends Answered>(
  client: ClusterClient,
  question: Question<Item, Answer>,
  answer: Answer | undefined,
  { subjectOf, errorIn = answerError }: ItemCall<Item, Answer>,
): void {
  const { of } = question
  const error = errorIn(answer ?? unanswered, subjectOf(of))
  if (error !== undefined) return fail(client, question, error)
  assert(answer !== undefined, 'no answer is an error')
  question.outcome = { of, value: answer }
}

const unanswered: Answered = {
  errorCode: errorCodes.UNKNOWN_SERVER_ERROR,
  errorMessage: 'the broker has not answered for it',
}

function answerError({ errorCode, errorMessage = null }: Answered, subject: string): KafkaError | undefined {
  return errorCode === errorCodes.NONE ? undefined : responseError(errorCode, subject, errorMessage)
}

/** Where it may pass, whoever was asked may be the wrong one: the next to ask finds out. */
function fail(client: ClusterClient, question: Question<unknown, unknown>, error: TidemarkError): void {
  if (error.retriable) client.doubt(question.target)
  question.outcome = { of: question.of, error }
}

/** The answers that belong to `items`, in their order, found by their names. */
export function inOrderOf<Item, Answer>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  answers: Iterable<readonly [name: string, answer: Answer]>,
): (Answer | undefined)[] {
  const byName = new Map(answers)
  return items.map((item) => byName.get(nameOf(item)))
}
