const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const

/** Puts `text` in a colour, or leaves it as it is where colours would not show. */
export type Painter = (colour: keyof typeof codes, text: string) => string

/** Colours on a terminal, unless the user has set NO_COLOR (no-color.org). */
export function painter(stream: { readonly isTTY?: boolean }): Painter {
  const isColourful = stream.isTTY === true && !process.env['NO_COLOR']
  return (colour, text) => (isColourful ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text)
}
