insert into legacy.events values
  ('e1', '2025-05-31 10:00:00', 'opened'),
  ('e2', '2025-05-31 10:00:00', 'same instant'),
  ('e3', '2025-05-31 10:00:00.000999', 'same millisecond'),
  ('e4', '2025-05-31 10:00:00.001', 'next millisecond'),
  ('e5', '1969-12-31 23:59:59.999', 'before 1970'),
  ('e6', '1970-01-01 00:00:00', 'first millisecond'),
  ('e7', '10889-08-02 05:31:50.656', 'beyond the last millisecond'),
  ('e8', 'infinity', 'never'),
  ('E1', '2025-05-31 10:00:00', 'another key');
insert into legacy.replies values (1, 'e1'), (2, 'e8'), (3, 'e9'), (4, null), (5, 'E1');
