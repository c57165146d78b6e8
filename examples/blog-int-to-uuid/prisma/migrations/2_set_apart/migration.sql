-- The old tables make room for the new ones. Sequences, indexes and constraints go with them.
CREATE SCHEMA "legacy";

ALTER TYPE "Role" SET SCHEMA "legacy";

ALTER TABLE "User" SET SCHEMA "legacy";
ALTER TABLE "Profile" SET SCHEMA "legacy";
ALTER TABLE "Team" SET SCHEMA "legacy";
ALTER TABLE "Membership" SET SCHEMA "legacy";
ALTER TABLE "Post" SET SCHEMA "legacy";
ALTER TABLE "Comment" SET SCHEMA "legacy";
ALTER TABLE "Tag" SET SCHEMA "legacy";
ALTER TABLE "PostTag" SET SCHEMA "legacy";
ALTER TABLE "Attachment" SET SCHEMA "legacy";
ALTER TABLE "Setting" SET SCHEMA "legacy";
