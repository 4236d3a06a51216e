/**
 * The members of a JSON object as they are written, by name: what `JSON.parse` makes of 12345678901234567890 or 1.0 is
 * not that any more. `text` must be a valid JSON object; of equal names the last one counts.
 */
export function rawMembers(text: string): Map<string, string> {
  const members = new Map<string, string>()
  let position = text.indexOf('{') + 1
  while (true) {
    const nameStart = text.indexOf('"', position)
    if (nameStart < 0) return members
    const nameEnd = endOfString(text, nameStart)
    const valueStart = text.indexOf(':', nameEnd) + 1
    const valueEnd = endOfValue(text, valueStart)
    members.set(JSON.parse(text.slice(nameStart, nameEnd)) as string, text.slice(valueStart, valueEnd).trim())
    position = valueEnd
  }
}

/** Behind the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let position = start + 1
  while (text[position] !== '"') position += text[position] === '\\' ? 2 : 1
  return position + 1
}

/** The comma or brace behind the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  let position = start
  while (true) {
    const character = text[position] as string
    if (character === '"') {
      position = endOfString(text, position)
      continue
    }
    if (depth === 0 && (character === ',' || character === '}')) return position
    if (character === '{' || character === '[') depth++
    if (character === '}' || character === ']') depth--
    position++
  }
}
