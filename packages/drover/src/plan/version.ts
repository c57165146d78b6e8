/** The version of drover that makes plans and ledgers; a test holds it equal to the package's. */
export const droverVersion = '0.1.0'
