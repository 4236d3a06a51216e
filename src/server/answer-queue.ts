import { assert } from '../base/assert.ts'

/** A place in line. */
export interface Place<A> {
  answer: A | undefined
  isAnswered: boolean
}

/**
 * Hands out answers in the order in which their questions came, whichever is ready first: Kafka's clients match
 * responses with requests by their order on the connection.
 */
export class AnswerQueue<A> {
  readonly #emit: (answer: A) => void
  #places: Place<A>[] = []

  constructor(emit: (answer: A) => void) {
    this.#emit = emit
  }

  /** Questions without an answer handed out. */
  get count(): number {
    return this.#places.length
  }

  /** The next place in line. */
  enter(): Place<A> {
    const place: Place<A> = { answer: undefined, isAnswered: false }
    this.#places.push(place)
    return place
  }

  /** Hands out `answer`, and those behind that waited for it, once everyone before has been answered. */
  answer(place: Place<A>, answer: A): void {
    assert(!place.isAnswered, 'a question is answered once')
    place.answer = answer
    place.isAnswered = true
    for (let first = this.#places[0]; first?.isAnswered; first = this.#places[0]) {
      this.#places.shift()
      this.#emit(first.answer as A)
    }
  }

  /** Forgets everyone in line. */
  clear(): void {
    this.#places = []
  }
}
