const gap = '  '

/** What a cell's text takes on the screen, without the colours in it. */
function widthOf(cell: string): number {
  // oxlint-disable-next-line no-control-regex
  return cell.replace(/\u001b\[\d+m/g, '').length
}

/**
 * Rows as lines of aligned columns. Columns whose number is in `right` are aligned to the right; the last one is not
 * padded when it is on the left.
 */
export function formatTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - widthOf(cell))
        return right.includes(column) ? padding + cell : cell + padding
      })
      .join(gap)
      .trimEnd(),
  )
}
