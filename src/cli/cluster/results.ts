import type { AdminError } from '../../client/admin/admin-error.ts'
import type { Session } from '../session.ts'

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

  /** Says why something was refused, of which `subject` are the names in JSON. */
  refused(subject: Readonly<Record<string, unknown>>, error: AdminError, advice?: string): void {
    const { kafkaCode: code, kafkaName: name, reason } = error
    const message = `${reason} [${name}]${advice === undefined ? '' : `. ${advice}`}`
    this.#session.exitCode = 1
    this.#session.report(`${error.subject}: ${message}`)
    if (this.#isJson)
      this.#session.output.line(JSON.stringify({ ...subject, error: { code, name, message } }))
  }

  /** Tells {@link done} of `what`, or {@link refused} if there is an error. */
  tell(
    subject: Readonly<Record<string, unknown>>,
    what: string,
    error: AdminError | undefined,
    { json = {}, text }: { readonly json?: Readonly<Record<string, unknown>>; readonly text: string },
  ): void {
    if (error === undefined) this.done({ ...subject, ...json }, `${what}: ${text}`)
    else this.refused(subject, error)
  }
}
