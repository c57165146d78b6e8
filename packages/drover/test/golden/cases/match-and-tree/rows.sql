insert into legacy.folders values (1, 'root', null), (2, 'home', 1), (3, 'Ann', 2), (4, 'Bob', 2), (5, 'lost', 9), (6, 'Home', 1);
insert into legacy.files values (11, 1, 'a'), (12, 2, 'b'), (13, 3, 'c'), (14, 5, 'd'), (15, 6, 'e');
-- Two of the folders are there already, one of them elsewhere in the tree.
insert into app.folders values
  ('00000000-0000-4000-8000-000000000001', 'root', null),
  ('00000000-0000-4000-8000-000000000002', 'users', '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-000000000003', 'Ann', '00000000-0000-4000-8000-000000000002');
