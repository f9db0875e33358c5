// What is wrong with the certificate of another side, from the codes of OpenSSL and Node.

const own = 'if it is right, name its authority in NODE_EXTRA_CA_CERTS'
const selfSigned = `is signed by nobody but itself; ${own}`
const unknownAuthority = `is signed by an authority that is not known here, or comes without the certificates in between; ${own}`

const problems: Record<string, string> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; or the clock of this machine is wrong',
  CERT_REVOKED: 'has been revoked',
  CERT_REJECTED: 'is not made for servers',
  INVALID_PURPOSE: 'is not made for servers',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host name than the one that was called',
  HOSTNAME_MISMATCH: 'is for another host name than the one that was called',
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
}

/**
 * Ends the sentence "the certificate …", and says what helps; null when the code is about something else.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
export function certificateProblem(code: string): string | null {
  return Object.hasOwn(problems, code) ? problems[code]! : null
}
