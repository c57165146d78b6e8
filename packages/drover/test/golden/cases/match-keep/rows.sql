insert into legacy.users values
  ('u1', 'Ann@x.org', 'Ann'), ('u2', 'bob@x.org', 'Bob'), ('u3', ' cid@x.org', 'Cid'), ('u4', 'dora@x.org', 'Dora');
insert into legacy.notes values (1, 'u1', 'a'), (2, 'u2', 'b'), (3, 'u3', 'c'), (4, 'u4', 'd');
-- These have registered already. The one that signs in elsewhere is not the Dora of the old system.
insert into app.accounts values
  ('00000000-0000-4000-8000-00000000000a', 'ANN@x.org', 'Ann Lee', false),
  ('00000000-0000-4000-8000-00000000000c', 'cid@x.org', null, false),
  ('00000000-0000-4000-8000-00000000000d', 'DORA@x.org', 'Other', true);
