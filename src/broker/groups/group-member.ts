/** A way of assigning partitions that a member can take part in, with what it says of itself to the leader. */
export interface MemberProtocol {
  readonly name: string
  readonly metadata: Buffer
}

/** What a member asks for whenever it joins. */
export interface MemberTerms {
  /** In the order of its preference. */
  readonly protocols: readonly MemberProtocol[]
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
}

/** Who a member is. */
export interface MemberIdentity {
  readonly memberId: string
  /** Null for a dynamic member (KIP-345). */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
}

const noAssignment = Buffer.alloc(0)

/** One member of a group under the classic protocol. */
export class GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  terms: MemberTerms
  /** What the leader gave it; empty before. */
  assignment: Buffer = noAssignment
  /**
   * It has never been answered, so that it does not know its id and cannot send heartbeats: while it waits, its
   * session is not kept alive by that.
   */
  isNew = false
  /** The request in which it waits for the others to join. Set by `Membership`, which counts them. */
  joinRequestId: number | undefined
  /** The request in which it waits for its assignment. */
  syncRequestId: number | undefined

  constructor(identity: MemberIdentity, terms: MemberTerms) {
    this.memberId = identity.memberId
    this.groupInstanceId = identity.groupInstanceId
    this.clientId = identity.clientId
    this.clientHost = identity.clientHost
    this.terms = terms
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }

  get isAwaitingJoin(): boolean {
    return this.joinRequestId !== undefined
  }

  /** The end of the session means nothing to a member that waits for an answer of ours. */
  get isExcusedFromHeartbeats(): boolean {
    return !this.isNew && (this.isAwaitingJoin || this.syncRequestId !== undefined)
  }

  /** What it says of itself under one protocol; empty when it has none of that name. */
  metadataFor(protocolName: string | null): Buffer {
    return this.terms.protocols.find(({ name }) => name === protocolName)?.metadata ?? noAssignment
  }

  /** Whether it asks for the same protocols as before, in the same order and with the same metadata. */
  hasSameProtocols(protocols: readonly MemberProtocol[]): boolean {
    const own = this.terms.protocols
    if (own.length !== protocols.length) return false
    return own.every(({ name, metadata }, index) => {
      const other = protocols[index]
      return other !== undefined && name === other.name && metadata.equals(other.metadata)
    })
  }

  forgetAssignment(): void {
    this.assignment = noAssignment
  }
}
