// Event sourcing in one process: accounts are what their events say, and an event is appended only if nothing has happened
// since it was decided (optimistic concurrency). `node event-sourcing.mjs [DIRECTORY]`
import { OffsetMismatchError, openLog } from 'tidemark/log'

/** Accounts as their events have made them, in memory; the log is what counts. */
class Accounts {
  #balances = new Map()
  #offsetsById = new Map()
  #nextOffset

  constructor(log) {
    this.log = log
    this.#nextOffset = log.startOffset
  }

  /** Takes in what was appended since, by whomever. */
  async catchUp() {
    for await (const { offset, key, value } of this.log.read({ from: this.#nextOffset })) {
      if (offset < this.#nextOffset) continue // another call has taken it in meanwhile
      const id = String(key)
      this.#balances.set(id, apply(this.#balances.get(id) ?? 0, JSON.parse(value)))
      this.#offsetsById.set(id, [...(this.#offsetsById.get(id) ?? []), offset])
      this.#nextOffset = offset + 1
    }
  }

  /**
   * Decides on what is known, and appends what was decided if that is still all there is. If somebody else was faster, decides
   * again on what they did.
   */
  async execute(id, decide) {
    for (;;) {
      await this.catchUp()
      const expectedOffset = this.#nextOffset
      const event = decide(this.#balances.get(id) ?? 0)
      await concurrently()
      try {
        return await this.log.append({ key: id, value: JSON.stringify(event) }, { expectedOffset })
      } catch (error) {
        if (!(error instanceof OffsetMismatchError)) throw error
        console.log(`${id}: ${event.type} has to be decided again`)
      }
    }
  }

  /** One account alone, from its own events: as it was after the first `count` of them. */
  rebuild(id, count = Infinity) {
    const offsets = this.#offsetsById.get(id) ?? []
    const events = offsets.slice(0, count).map((offset) => JSON.parse(this.log.get(offset).value))
    return events.reduce(apply, 0)
  }
}

function apply(balance, { type, amount }) {
  return type === 'deposited' ? balance + amount : balance - amount
}

const deposit = (amount) => () => ({ type: 'deposited', amount })
const withdraw = (amount) => (balance) => {
  if (amount > balance) throw new RangeError(`${amount} is more than ${balance}`)
  return { type: 'withdrawn', amount }
}

/** What takes time between a decision and its append: here two withdrawals get into each other's way. */
const concurrently = () => new Promise((resolve) => setTimeout(resolve, 5))

const log = await openLog(process.argv[2] ?? './accounts')
const accounts = new Accounts(log)
await accounts.execute('ada', deposit(100))
await accounts.execute('bob', deposit(20))

const outcomes = await Promise.allSettled([
  accounts.execute('ada', withdraw(80)),
  accounts.execute('ada', withdraw(80)),
])
for (const { status, reason } of outcomes) console.log(`ada: ${reason?.message ?? status}`)

await accounts.catchUp()
console.log(`ada had ${accounts.rebuild('ada', 1)}, and has ${accounts.rebuild('ada')}`)
await log.close()

// A restart begins with nothing but the log.
const reopened = await openLog(process.argv[2] ?? './accounts')
const restarted = new Accounts(reopened)
await restarted.catchUp()
console.log(`after a restart: ada ${restarted.rebuild('ada')}, bob ${restarted.rebuild('bob')}`)
await reopened.close()
