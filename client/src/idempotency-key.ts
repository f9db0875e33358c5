// Keys that tell one call from every other. They need to be unique, not secret.

/** Works also where `crypto.randomUUID` does not exist: pages without TLS, and Node 18. */
export function newIdempotencyKey(crypto: Partial<Crypto> | undefined = globalThis.crypto): string {
  if (crypto?.randomUUID) return crypto.randomUUID()
  const bytes = new Uint8Array(16)
  if (crypto?.getRandomValues) crypto.getRandomValues(bytes)
  else bytes.forEach((_, i) => (bytes[i] = Math.random() * 256))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
