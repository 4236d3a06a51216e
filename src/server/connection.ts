import type { Socket } from 'node:net'
import type { Timers } from '../env/timers.ts'
import type { Clock } from '../env/env.ts'
import { AnswerQueue, type Place } from './answer-queue.ts'
import type { ByteAccount, ByteBudget } from './byte-budget.ts'
import { ConnectionEnd } from './close-reason.ts'
import { type ClientAtFirst, ConnectedClient } from './connected-client.ts'
import { FrameAssembler } from '../wire/frame-assembler.ts'
import type { FrameMemory } from '../wire/frame-memory.ts'
import { MovableDeadline } from './movable-deadline.ts'
import type { Answer, RequestDispatcher } from './request-dispatcher.ts'
import { RequestRoom } from './request-room.ts'
import { responseFrame } from './response-frame.ts'
import type { ResponseHolder, ResponseMemory } from './response-memory.ts'
import { ResponseWriter, type SentPieces } from './response-writer.ts'
import type { ServerConfig } from './server-config.ts'
import { stackOf } from './server-log.ts'
import type { TurnShare } from './turn-share.ts'

/** What connections share. */
export interface ConnectionServices {
  readonly config: ServerConfig
  readonly dispatcher: RequestDispatcher
  readonly budget: ByteBudget
  readonly responses: ResponseMemory
  readonly clock: Clock
  readonly timers: Timers
  readonly frameMemory: FrameMemory
  readonly turns: TurnShare
  readonly responseBuffers: SentPieces | undefined
}

/** What is waited for only so long. */
const deadlines = {
  'frame-deadline': { limit: 'frameDeadlineMs', what: 'a request did not arrive whole' },
  idle: { limit: 'maxIdleMs', what: 'nothing was asked' },
  'write-deadline': { limit: 'writeDeadlineMs', what: 'a response was not read' },
  'peer-ended': { limit: 'writeDeadlineMs', what: 'the client closed, and was not answered' },
} as const
type DeadlineReason = keyof typeof deadlines

/** As much is read of requests that cannot start yet, about. */
const readAheadBytes = 64 * 1024

/**
 * One client. Bytes become frames, frames become requests, answers leave in the order of the requests.
 *
 * Everything is driven by {@link Connection.#pump}, which starts requests for as long as it may. Whatever may have
 * changed that calls it: bytes came, an answer was given, the client has read some, the budget has room. Bytes that
 * cannot be taken up stop the reading, so that TCP tells the client to wait.
 */
export class Connection implements ResponseHolder {
  readonly info: ConnectedClient
  readonly #socket: Socket
  readonly #services: ConnectionServices
  readonly #onClosed: (end: ConnectionEnd) => void
  readonly #account: ByteAccount
  readonly #assembler: FrameAssembler
  readonly #answers = new AnswerQueue<Answer | ConnectionEnd>((answer) => this.#emit(answer))
  readonly #writer: ResponseWriter
  /** Made for the first request that does not arrive in one piece. */
  #frameDeadline: MovableDeadline | undefined
  readonly #idleDeadline: MovableDeadline
  /** For the answers to a client that has ended: whether it is still there is not known. */
  #partingDeadline: MovableDeadline | undefined
  /** Requests under way behind which no other may start. */
  #blockingCount = 0
  /** Bytes of answers that wait for an earlier one. */
  #heldAnswerBytes = 0
  /** Which half frame the deadline runs for. */
  #watchedFrame = 0
  #isPumping = false
  /** Requests started since it was another's turn. */
  #startedCount = 0
  #isAwaitingTurn = false
  /** The client will send no more; what it sent is still answered. */
  #hasPeerEnded = false
  /** The end has its place in the line of answers: nothing is started any more. */
  #isEnding = false
  /** The end has come to the front: what is written is all there will be. */
  #end: ConnectionEnd | undefined
  #isClosed = false

  constructor(
    socket: Socket,
    client: ClientAtFirst,
    services: ConnectionServices,
    onClosed: (end: ConnectionEnd) => void,
  ) {
    const { config, budget, frameMemory } = services
    const info = new ConnectedClient(client)
    this.info = info
    this.#socket = socket
    this.#services = services
    this.#onClosed = onClosed
    this.#account = budget.account(() => this.#pump())
    const room = new RequestRoom(info, config, this.#account)
    this.#assembler = new FrameAssembler(room, frameMemory)
    this.#idleDeadline = this.#deadline('idle')
    const writeDeadline = this.#deadline('write-deadline')
    this.#writer = new ResponseWriter(
      socket,
      writeDeadline,
      () => this.#onWritten(),
      services.responseBuffers,
    )
    this.#idleDeadline.restart()
    this.#listen()
  }

  /** Requests that are not answered yet. */
  get inFlightCount(): number {
    return this.#answers.count
  }

  get stalledSinceMs(): number {
    return this.#writer.stalledSinceMs
  }

  giveUp(): void {
    this.destroy(
      new ConnectionEnd('write-buffer', 'responses take too much memory, and this client reads the least'),
    )
  }

  /** Starts nothing more, answers what is under way, then closes. */
  endAfterAnswers(end: ConnectionEnd): void {
    if (this.#isEnding) return
    this.#startNothingMore()
    this.#answers.answer(this.#answers.enter(), end)
  }

  /** Closes at once. Answers that are on their way are lost. */
  destroy(end: ConnectionEnd): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#startNothingMore()
    this.#answers.clear()
    this.#idleDeadline.close()
    this.#partingDeadline?.close()
    this.#writer.close()
    this.#account.close()
    this.#services.responses.hold(this, 0)
    this.#socket.destroy()
    this.#onClosed(end)
  }

  #startNothingMore(): void {
    this.#isEnding = true
    this.#frameDeadline?.close()
    this.info.end()
  }

  #deadline(reason: DeadlineReason): MovableDeadline {
    const { clock, timers, config } = this.#services
    return new MovableDeadline(clock, timers, config[deadlines[reason].limit], () => this.#onDue(reason))
  }

  #onDue(reason: DeadlineReason): void {
    // Whoever waits for an answer is not idle.
    if (reason === 'idle' && this.inFlightCount > 0) return this.#idleDeadline.restart()
    const { what, limit } = deadlines[reason]
    this.destroy(new ConnectionEnd(reason, `${what} within ${this.#services.config[limit]} ms`))
  }

  #listen(): void {
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    this.#socket.on('end', () => this.#onPeerEnd())
    this.#socket.on('error', (error) => this.destroy(new ConnectionEnd('peer-reset', error.message)))
    this.#socket.on('close', () => this.destroy(new ConnectionEnd('peer-reset', 'the connection was lost')))
  }

  #onData(chunk: Buffer): void {
    // Read on only to see the client's end.
    if (this.#isEnding) return
    this.#idleDeadline.restart()
    this.#assembler.push(chunk)
    this.#pump()
    this.#assembler.keepRest()
  }

  #onPeerEnd(): void {
    this.#hasPeerEnded = true
    this.info.end()
    this.#pump()
    if (this.#isClosed) return
    this.#partingDeadline = this.#deadline('peer-ended')
    this.#partingDeadline.restart()
  }

  #onWritten(): void {
    this.#weighResponses()
    if (this.#end !== undefined) this.#closeWhenWritten(this.#end)
    else this.#pump()
  }

  get #mayStart(): boolean {
    const { maxInFlightRequests, writeHighWaterBytes } = this.#services.config
    return (
      !this.#isEnding &&
      !this.#isAwaitingTurn &&
      this.#blockingCount === 0 &&
      this.#answers.count < maxInFlightRequests &&
      this.#unsentBytes < writeHighWaterBytes
    )
  }

  #pump(): void {
    // An answer given within the call that asks for it comes back here.
    if (this.#isPumping || this.#isEnding) return
    this.#isPumping = true
    try {
      this.#startRequests()
    } catch (error) {
      if (!(error instanceof ConnectionEnd)) throw error
      this.endAfterAnswers(error)
    }
    this.#isPumping = false
    if (this.#hasPeerEnded && this.#assembler.isDrained)
      this.endAfterAnswers(new ConnectionEnd('peer-ended', 'the client closed'))
    if (!this.#isEnding) this.#steerReading()
  }

  #startRequests(): void {
    while (this.#mayStart) {
      const frame = this.#assembler.next()
      if (frame === undefined) return
      if (++this.#startedCount >= this.#services.turns.requestCount) this.#awaitTurn()
      this.#start(frame)
    }
  }

  #awaitTurn(): void {
    this.#isAwaitingTurn = true
    this.#startedCount = 0
    this.#services.turns.wait(() => {
      this.#isAwaitingTurn = false
      this.#pump()
    })
  }

  /**
   * Reads while little of what was read waits to be taken up: on, so that the client's end is seen meanwhile. Lets time
   * run against the client only while nothing waits.
   */
  #steerReading(): void {
    const isReading = this.#assembler.restBytes <= readAheadBytes
    if (isReading === this.#socket.isPaused()) {
      if (isReading) this.#socket.resume()
      else this.#socket.pause()
    }
    const awaited = this.#assembler.isDrained && this.#assembler.isMidFrame ? this.#assembler.beganCount : 0
    if (awaited === this.#watchedFrame) return
    this.#watchedFrame = awaited
    if (awaited === 0) this.#frameDeadline?.stop()
    else (this.#frameDeadline ??= this.#deadline('frame-deadline')).restart()
  }

  #start(frame: Buffer): void {
    const { dispatcher, frameMemory } = this.#services
    const letsGo = dispatcher.letsGo?.(frame) === true
    const place = this.#answers.enter()
    const isBlocking = dispatcher.overlaps?.(frame) !== true
    if (isBlocking) this.#blockingCount++
    const settle = (answer: Answer | ConnectionEnd) => {
      if (this.#isClosed) return
      if (isBlocking) this.#blockingCount--
      if (answer instanceof ConnectionEnd) this.#startNothingMore()
      this.#account.give(frame.length)
      if (letsGo) frameMemory.giveBack(frame)
      this.#settle(place, answer)
    }
    const answer = attempt(() => dispatcher.dispatch(frame, this.info))
    if (answer instanceof Promise) answer.then(settle, (error: unknown) => settle(asEnd(error)))
    else settle(answer)
  }

  #settle(place: Place<Answer | ConnectionEnd>, answer: Answer | ConnectionEnd): void {
    this.#idleDeadline.restart()
    const bytes = answerBytes(answer)
    if (this.#isTooMuch(bytes)) return
    this.#heldAnswerBytes += bytes
    this.#answers.answer(place, answer)
    this.#weighResponses()
    this.#pump()
  }

  get #unsentBytes(): number {
    return this.#writer.unsentBytes + this.#heldAnswerBytes
  }

  #weighResponses(): void {
    if (!this.#isClosed) this.#services.responses.hold(this, this.#unsentBytes)
  }

  /** One answer may wait for the client whatever its size; more only up to a limit, at which it is given up. */
  #isTooMuch(bytes: number): boolean {
    const waitingBytes = this.#unsentBytes
    if (waitingBytes === 0 || waitingBytes + bytes <= this.#services.config.maxUnsentBytes) return false
    const message = `${waitingBytes + bytes} bytes of responses wait for the client to read`
    this.destroy(new ConnectionEnd('write-buffer', message))
    return true
  }

  #emit(answer: Answer | ConnectionEnd): void {
    if (this.#end !== undefined || answer === undefined) return
    if (answer instanceof ConnectionEnd) {
      this.#end = answer
      this.#closeWhenWritten(answer)
      return
    }
    const bytes = answerBytes(answer)
    this.#heldAnswerBytes -= bytes
    this.#writer.send(responseFrame(answer, bytes))
  }

  #closeWhenWritten(end: ConnectionEnd): void {
    if (this.#writer.unsentBytes === 0) this.destroy(end)
  }
}

function answerBytes(answer: Answer | ConnectionEnd): number {
  if (answer === undefined || answer instanceof ConnectionEnd) return 0
  return answer.reduce((bytes, buffer) => bytes + buffer.length, 0)
}

function attempt<T>(act: () => T): T | ConnectionEnd {
  try {
    return act()
  } catch (error) {
    return asEnd(error)
  }
}

function asEnd(error: unknown): ConnectionEnd {
  return error instanceof ConnectionEnd ? error : new ConnectionEnd('handler-failed', stackOf(error))
}
