import { stripVTControlCharacters } from 'node:util'

const width = (text: string): number => stripVTControlCharacters(text).length

/**
 * Aligns rows in columns, two spaces apart; colours do not count.
 * @param indent spaces before each row
 */
export function formatTable(rows: readonly (readonly string[])[], indent = 0): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell))
  }
  const lines = rows.map((row) =>
    row.map((cell, column) => cell + ' '.repeat(widths[column]! - width(cell))).join('  '),
  )
  return lines.map((line) => ' '.repeat(indent) + line.trimEnd()).join('\n')
}
