insert into legacy.users values
  (1, 'Ann', '$2b$ann', 'key-1', '2024-01-01'), (2, null, '$2b$secret', 'key-22', '2024-01-02'), (3, 'Cid', null, 'key-333', '2024-01-03'),
  (4, 'Dora', '$2b$dora', 'key-4444', 'soon'), (5, 'Eve', ' $2b$eve', null, '2024-01-05');
insert into legacy.devices values (1, '0000', 'Ann'), (2, '1234', 'Ann'), (3, '9999', null);
