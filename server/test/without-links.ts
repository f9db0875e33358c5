// Texts of what is explained beside texts of what was sent: an explained event has no id yet, so the links
// to it are left out.

/** A copy. */
export function withoutLinks<T>(told: T): T {
  return JSON.parse(JSON.stringify(told).replaceAll(/\/why\/[\w.-]+/g, '/why/…')) as T
}
