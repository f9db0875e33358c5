// Two organisations, their products, and who is what there.
export const people = ['olga', 'omar', 'mia', 'adam', 'petra', 'paul', 'kim'].map((id) => ({
  id,
  email: `${id}@example.com`,
  data: { name: id[0]!.toUpperCase() + id.slice(1) },
}))

/** Relations: the members of `object#relation`. */
export const relations: Record<string, string[]> = {
  'organisation:acme#owner': ['olga', 'omar'],
  'organisation:acme#manager': ['mia'],
  'product:lamp#admin': ['adam'],
  'product:lamp#manager': ['mia', 'petra'], // Mia is reached by two paths
}
