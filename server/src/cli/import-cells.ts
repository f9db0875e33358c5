// Cells of CSV as they are written: quoted where they have to be, and never run by a spreadsheet.

/** A row of CSV. A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLine(cells: string[], delimiter: string): string {
  return `${cells.map((cell) => quoted(withFormulaMark(cell), delimiter)).join(delimiter)}\n`
}

function withFormulaMark(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
}

/** What was written by `csvLine`, as it was before. */
export function withoutFormulaMark(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell
}

function quoted(cell: string, delimiter: string): string {
  const isPlain = !cell.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(cell)
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`
}
