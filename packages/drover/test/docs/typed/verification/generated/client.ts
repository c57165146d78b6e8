/** As much of a generated client of Prisma as the page calls. */
export declare class PrismaClient {
  constructor(options: { datasourceUrl: string })
  readonly clinic: { findMany(): Promise<{ id: string; name: string }[]> }
  readonly goal: { count(options: { where: { clinicId: string } }): Promise<number> }
}
