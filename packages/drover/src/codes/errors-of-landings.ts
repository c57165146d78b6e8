import type { Entries, ErrorEntry } from './entry.ts'

/** What stops tables of another server, or files, on their way into the target database. */
export const errorsOfLandings = {
  'landing-refused': {
    exit: 2,
    meaning: 'A table cannot land: its name is taken, its types cannot be had, or a run reads what has landed.',
    cause:
      'The target database has tables of that name already, lacks a type or extension, or a run is not at its end.',
    remedy: 'Let the schema land under another name with --as, make the type, or end the run first.',
  },
  'landing-busy': {
    exit: 1,
    meaning: 'Another process lands tables in this database.',
    cause: 'One landing at a time works in a database.',
    remedy: 'Wait until it has done: drover land --status.',
  },
  'landing-incomplete': {
    exit: 1,
    meaning: 'A table that is to be read has not landed yet, or not all of it.',
    cause: 'A landing was interrupted or has failed.',
    remedy: 'Give the command that began it again; how far it is: drover land --status.',
  },
  'landing-differs': {
    exit: 1,
    meaning: 'What has landed is not what the source holds.',
    cause: 'Somebody wrote to the source, or to what has landed, between the copy and its proof.',
    remedy: 'Give the command again, without --frozen: what differs lands anew.',
  },
  'snapshot-lost': {
    exit: 1,
    meaning: 'The session that held the snapshot of the source was lost too often.',
    cause: 'The source, a pooler or the network ends sessions that stay open for long.',
    remedy:
      'See what ends sessions that stand still for long (a pooler, idle_in_transaction_session_timeout, a firewall), then give the command again.',
  },
  'file-refused': {
    exit: 2,
    meaning: 'A file that should land cannot be read as what it is said to be.',
    cause:
      'Its header, a line, its encoding or its quotes are not those of CSV or JSONL, or it is still being written.',
    remedy: 'Mend the file at the place that is named, then give the command again.',
  },
} as const satisfies Entries<ErrorEntry>
