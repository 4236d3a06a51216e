import { type Command, Option } from 'commander'
import { unescape } from '../escapes.ts'
import { InputError } from '../failure.ts'
import { collectPairs } from '../option-values.ts'
import { type LineRecord, parseJsonRecord } from './json-record.ts'
import type { LineSplitter } from './line-splitter.ts'
import { parseRawLine } from './raw-line.ts'

/** How lines of stdin become records, as the options say it. */
export interface LineOptions {
  readonly keyDelimiter?: Buffer
  readonly key?: string
  readonly header?: readonly (readonly [string, string])[]
  readonly null?: boolean
}

/** Gives `command` the options of {@link LineOptions}, and `jsonFlag` for lines that are JSON. */
export function addLineOptions(command: Command, jsonFlag: '--json' | '--ndjson'): Command {
  return command
    .addOption(new Option(jsonFlag, 'lines are JSON').conflicts(['keyDelimiter', 'key', 'header', 'null']))
    .option('-K, --key-delimiter <text>', 'lines are KEY, this text, VALUE', unescape)
    .option('-k, --key <key>', 'the key of every record')
    .option('-H, --header <name=value>', 'a header for every record; repeatable', collectPairs)
    .option('-Z, --null', 'an empty key or value is null')
}

/** What a line may be, for the help of the commands. */
export const jsonLineHelp = `{"key": ..., "value": ..., "headers": ..., "timestamp": MILLISECONDS}
of which every member may be missing. Strings are stored as UTF-8, {"base64": "..."} as bytes, null as null, and
any other value as its JSON text.`

/** Cuts a stream of bytes into lines, and makes a record of each. */
export class LineRecords {
  readonly #lines: LineSplitter
  readonly #parse: (line: Buffer) => LineRecord | undefined
  #inputBytes = 0

  constructor(lines: LineSplitter, { isJson, ...options }: LineOptions & { readonly isJson: boolean }) {
    this.#lines = lines
    this.#parse = lineParser(isJson, options)
  }

  /** Number of the line that the last record came from, from 1. */
  get lineNumber(): number {
    return this.#lines.lineNumber
  }

  /** Bytes that have come. */
  get inputBytes(): number {
    return this.#inputBytes
  }

  /** The records whose lines end in `chunk`. @throws InputError for a line that is too long, or holds no record */
  push(chunk: Buffer): Generator<LineRecord> {
    this.#inputBytes += chunk.length
    return this.#records(this.#lines.push(chunk))
  }

  /** The record of the last line, when that had no end. Throws as {@link push} does. */
  end(): Generator<LineRecord> {
    return this.#records(this.#lines.end())
  }

  *#records(lines: Iterable<Buffer>): Generator<LineRecord> {
    for (const line of lines) {
      const record = this.#record(line)
      if (record !== undefined) yield record
    }
  }

  #record(line: Buffer): LineRecord | undefined {
    try {
      return this.#parse(line)
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`line ${this.lineNumber}: ${error.message}`)
      throw error
    }
  }
}

/** Undefined for a line that holds no record. */
function lineParser(isJson: boolean, options: LineOptions): (line: Buffer) => LineRecord | undefined {
  if (isJson) return (line) => (isBlank(line) ? undefined : parseJsonRecord(line))
  const { keyDelimiter, key, header } = options
  const settings = { keyDelimiter, key, headers: header, emptyIsNull: options.null === true }
  return (line) => parseRawLine(line, settings)
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09)
}
