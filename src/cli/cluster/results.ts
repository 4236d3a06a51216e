import { errorCodes, errorName } from '../../wire/error-codes.ts'
import type { Session } from '../session.ts'

/** Why one of several things could not be done. */
export interface Refusal {
  readonly errorCode: number
  readonly errorMessage?: string | null
}

/** What the errors mean that brokers send without a word. */
const plainWords: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'it does not exist',
  GROUP_ID_NOT_FOUND: 'there is no such group',
  NON_EMPTY_GROUP: 'it has members: stop them first',
  GROUP_SUBSCRIBED_TO_TOPIC: 'members of the group are consuming it: stop them first',
  OFFSET_OUT_OF_RANGE: 'there is no such offset in it',
  POLICY_VIOLATION: 'the rules of the broker or the topic do not allow it: see cleanup.policy',
  LEADER_NOT_AVAILABLE: 'nobody leads it at this moment',
  NOT_CONTROLLER: 'the cluster is choosing another controller: try again',
  REQUEST_TIMED_OUT: 'it was not done in time, and may be still',
}

/** What to say of an error: the broker's words, or ours. */
export function reasonOf({ errorCode, errorMessage }: Refusal): string {
  const name = errorName(errorCode) ?? `error ${errorCode}`
  if (errorMessage !== undefined && errorMessage !== null && errorMessage !== '')
    return `${errorMessage} [${name}]`
  return `${plainWords[name] ?? name} [${name}]`
}

/**
 * Tells what became of each of several things: those done on stdout, those refused on stderr too. The command fails if
 * one of them was refused, and goes on with the others.
 */
export class Results {
  readonly #session: Session
  readonly #isJson: boolean

  constructor(session: Session, { json = false }: { readonly json?: boolean }) {
    this.#session = session
    this.#isJson = json
  }

  /** Tells `text`, or `json` where that was asked for. */
  done(json: Readonly<Record<string, unknown>>, text: string): void {
    this.#session.output.line(this.#isJson ? JSON.stringify(json) : text)
  }

  /** Says why `what` was refused; `subject` names it in JSON. */
  refused(subject: Readonly<Record<string, unknown>>, what: string, refusal: Refusal, advice?: string): void {
    const { errorCode } = refusal
    const message = reasonOf(refusal) + (advice === undefined ? '' : `. ${advice}`)
    this.#session.exitCode = 1
    this.#session.report(`${what}: ${message}`)
    const error = { code: errorCode, name: errorName(errorCode), message }
    if (this.#isJson) this.#session.output.line(JSON.stringify({ ...subject, error }))
  }

  /** Tells {@link done} or {@link refused}, by the error code. */
  tell(
    subject: Readonly<Record<string, unknown>>,
    what: string,
    outcome: Refusal,
    { json = {}, text }: { readonly json?: Readonly<Record<string, unknown>>; readonly text: string },
  ): void {
    if (outcome.errorCode === errorCodes.NONE) this.done({ ...subject, ...json }, `${what}: ${text}`)
    else this.refused(subject, what, outcome)
  }
}
