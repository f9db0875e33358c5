// Durations as people write them: "15s", "10m", "24h", "7d".

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export const durationPattern = '^[1-9][0-9]{0,5}[smhd]$'

export function isDuration(text: unknown): text is string {
  return typeof text === 'string' && new RegExp(durationPattern).test(text)
}

/** @throws RangeError on anything but a whole number and a unit. */
export function durationMs(text: string): number {
  if (!isDuration(text)) throw new RangeError(`"${String(text)}" is not a duration`)
  return Number(text.slice(0, -1)) * unitMs[text.at(-1) as keyof typeof unitMs]
}
