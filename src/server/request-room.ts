import type { FrameRoom } from '../wire/frame-assembler.ts'
import type { ByteAccount } from './byte-budget.ts'
import type { ConnectedClient } from './connected-client.ts'
import { acceptRequestSize } from './request-size.ts'
import type { ServerConfig } from './server-config.ts'

/** Which requests of a connection are taken, by their size and by what all requests in memory may take. */
export class RequestRoom implements FrameRoom {
  readonly #client: ConnectedClient
  readonly #config: ServerConfig
  readonly #account: ByteAccount

  constructor(client: ConnectedClient, config: ServerConfig, account: ByteAccount) {
    this.#client = client
    this.#config = config
    this.#account = account
  }

  /** @throws ConnectionEnd for a request that is too large from this client, or is none */
  accept(sizeBytes: number): void {
    const { maxRequestBytes, maxRequestBytesBeforeAuthentication } = this.#config
    acceptRequestSize(
      sizeBytes,
      this.#client.isAuthenticated ? maxRequestBytes : maxRequestBytesBeforeAuthentication,
    )
  }

  take(bytes: number, restBytes: number): boolean {
    return this.#account.take(bytes, restBytes)
  }
}
