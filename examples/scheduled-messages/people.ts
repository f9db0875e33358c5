// Six people in six time zones. Kolkata and Kathmandu are not whole hours away from the others.
export const people = [
  { id: 'nia', name: 'Nia', timezone: 'America/New_York' },
  { id: 'luis', name: 'Luis', timezone: 'America/Sao_Paulo' },
  { id: 'ines', name: 'Inês', timezone: 'Europe/Lisbon' },
  { id: 'asha', name: 'Asha', timezone: 'Asia/Kolkata' },
  { id: 'bibek', name: 'Bibek', timezone: 'Asia/Kathmandu' },
  { id: 'yuki', name: 'Yuki', timezone: 'Asia/Tokyo' },
].map(({ id, name, timezone }) => ({
  id,
  email: `${id}@example.com`,
  timezone,
  data: { name },
  addresses: { push: [{ kind: 'fcm' as const, token: `token-of-${id}` }] },
}))
