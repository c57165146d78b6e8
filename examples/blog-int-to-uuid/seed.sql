-- Some 2,500 rows of a blog, the same ones every time. A few settings name posts that are gone.

insert into "User" ("email", "name", "createdAt")
select 'user' || n || '@example.org', 'User ' || n, timestamp '2019-01-01' + n * interval '13 hours'
from generate_series(1, 200) as n;

insert into "Profile" ("userId", "bio", "links")
select n, case when n % 3 <> 0 then 'Writes about ' || n % 17 end, array['https://example.org/' || n]
from generate_series(1, 200, 2) as n;

insert into "Team" ("slug", "createdAt")
select 'team-' || n, timestamp '2019-02-01' + n * interval '5 days'
from generate_series(1, 12) as n;

insert into "Membership" ("userId", "teamId", "role")
select n, 1 + (n + k) % 12, (enum_range(null::"Role"))[1 + (n + k) % 3]
from generate_series(1, 200) as n, generate_series(0, n % 3) as k;

insert into "Post" ("authorId", "teamId", "title", "body", "published", "createdAt")
select 1 + n * 7 % 200, case when n % 5 <> 0 then 1 + n % 12 end, 'Post ' || n, repeat('Words of post ' || n || '. ', 5),
  n % 4 <> 0, timestamp '2020-01-01' + n * interval '9 hours'
from generate_series(1, 300) as n;

-- Every third comment answers the one three before it, which stands under the same post.
insert into "Comment" ("postId", "authorId", "parentId", "body", "createdAt")
select 1 + n % 3 + n / 30 * 3 % 297, 1 + n * 11 % 200, case when n % 30 > 2 and n % 2 = 0 then n - 3 end,
  'Comment ' || n, timestamp '2020-06-01' + n * interval '50 minutes'
from generate_series(1, 900) as n;

insert into "Tag" ("label")
select 'tag-' || n
from generate_series(1, 30) as n;

insert into "PostTag" ("postId", "tagId")
select n, 1 + (n * 7 + k * 11) % 30
from generate_series(1, 300) as n, generate_series(0, n % 3) as k;

insert into "Attachment" ("postId", "file", "bytes")
select n, 'picture-' || n || '.png', 9000000000 + n
from generate_series(1, 300, 4) as n;

insert into "Setting" ("userId", "data")
select n, jsonb_build_object(
  'pinnedPosts', jsonb_build_array(1 + n % 300, 1 + n * 3 % 310),
  'team', 1 + n % 12,
  'theme', case when n % 2 = 0 then 'dark' else 'light' end
)
from generate_series(1, 200, 3) as n;
