insert into legacy.contacts values
  (1, 'ann@x.org', null, 'Wien', '2024-01-01'), (2, 'ANN@x.org', '222', 'Graz', '2024-02-01'), (3, 'bob@x.org', null, null, '2024-01-01'),
  (4, 'cid@x.org', '444', null, '2024-01-01'), (5, 'cid@x.org', '555', 'Linz', '2023-01-01'), (6, 'eve@x.org', '666', 'Wels', '2023-01-01');
insert into app.contacts (id, email, phone, city) values
  (101, 'ann@x.org', '111', null), (102, 'bob@x.org', '222', 'Enns'), (106, 'eve@x.org', '666', 'Wels'), (107, 'flo@x.org', null, null);
update app.contacts set cities = '["Wels"]' where id = 106;
