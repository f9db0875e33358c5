// What the other side said, in a form that is safe to store and to show.

const maxLength = 200
// Stands for a secret in what the other side echoed.
const hidden = '•••'

/**
 * The first 200 printable characters of `text`, without any of the `secrets`.
 * Line breaks and control characters become single spaces.
 */
export function excerpt(text: string, secrets: readonly string[] = []): string {
  // Secrets go first: cutting could leave half of one. Only so much is looked at.
  let safe = text.slice(0, 16_384)
  for (const secret of secrets) {
    // A one-letter password would hide every other letter and tell what it is.
    if (secret.length >= 4) safe = safe.replaceAll(secret, hidden)
  }
  return safe
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, maxLength)
    .toWellFormed()
}
