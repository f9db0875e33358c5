// How many messages a text becomes on its way to a phone: what an SMS costs.
// @see 3GPP TS 23.038 (alphabets), TS 23.040 (concatenation)

export type SmsSegments = {
  encoding: 'GSM-7' | 'UCS-2'
  /** Septets or 16-bit units. */
  units: number
  segments: number
  /** The first character that makes it UCS-2; null when none does. */
  because: string | null
}

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
// Behind an escape: two septets each.
const extended = new Set('\f^{}\\[~]|€')

export function smsSegments(text: string): SmsSegments {
  const characters = Array.from(text)
  const foreign = characters.find((one) => !basic.has(one) && !extended.has(one))
  const isGsm = foreign === undefined
  const widths = characters.map((one) => (isGsm ? (extended.has(one) ? 2 : 1) : one.length))
  const units = widths.reduce((sum, width) => sum + width, 0)
  const [alone, together] = isGsm ? [160, 153] : [70, 67]
  return {
    encoding: isGsm ? 'GSM-7' : 'UCS-2',
    units,
    segments: units <= alone ? 1 : countParts(widths, together),
    because: foreign ?? null,
  }
}

/** A character is never cut in two: the last unit of a part may stay empty. */
function countParts(widths: number[], size: number): number {
  let parts = 1
  let used = 0
  for (const width of widths) {
    if (used + width > size) {
      parts++
      used = 0
    }
    used += width
  }
  return parts
}
