insert into legacy.sessions values
  ('ffffffff-ffff-ffff-ffff-ffffffffffff', '00000000-0000-0000-0000-000000000000', 'last'),
  ('00000000-0000-0000-0000-000000000000', null, 'nil'),
  ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ffffffff-ffff-ffff-ffff-ffffffffffff', null),
  ('10000000-0000-0000-0000-00000000000a', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', 'orphan'),
  ('80000000-0000-0000-0000-000000000000', null, 'middle');
