/** The parts in the order in which they are measured. */
export const partNames: readonly string[] = [
  'run',
  'scripts',
  'tools',
  'landing',
  'lifecycle',
  'comparator',
  'reference',
  'evolve',
  'growth',
  'partitions',
  'startup',
  'report',
  'types',
  'duplicates',
]
