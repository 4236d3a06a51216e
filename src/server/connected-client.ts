import type { ConnectionInfo } from './request-dispatcher.ts'

/** What is known of a client when it has connected. */
export type ClientAtFirst = Pick<
  ConnectionInfo,
  'id' | 'remoteAddress' | 'remotePort' | 'listenerName' | 'isAuthenticated'
>

/**
 * The {@link ConnectionInfo} of one connection. Its signal is made when it is first asked for: it takes more memory than
 * all the rest, and of thousands of connections most never wait for anything.
 */
export class ConnectedClient implements ConnectionInfo {
  readonly id: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly listenerName: string
  clientId: string | undefined
  clientSoftwareName: string | undefined
  clientSoftwareVersion: string | undefined
  isAuthenticated: boolean
  #hasEnded = false
  #ending: AbortController | undefined

  constructor({ id, remoteAddress, remotePort, listenerName, isAuthenticated }: ClientAtFirst) {
    this.id = id
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
    this.listenerName = listenerName
    this.isAuthenticated = isAuthenticated
  }

  get ending(): AbortSignal {
    if (this.#ending === undefined) {
      this.#ending = new AbortController()
      if (this.#hasEnded) this.#ending.abort()
    }
    return this.#ending.signal
  }

  /** Aborts {@link ending}. */
  end(): void {
    this.#hasEnded = true
    this.#ending?.abort()
  }
}
