insert into legacy.invoices values
  (1, 'A1', 'north', '2025-01-05', 'sent', '10.50'), (2, 'A1', 'north', '2025-01-06', 'sent', '10.50'),
  (3, 'A2', 'north', '2025-02-01', 'paid', '$ 20'), (4, 'A3', 'south', '2025-01-31', 'draft', '30'),
  (5, 'A4', 'south', null, 'paid', '40'), (6, 'A5', 'south', '2025-02-10', 'paid', 'free'),
  (7, 'A6', 'south', '2025-02-11', 'paid', null), (8, 'A7', 'south', '2025-02-12', 'sent', '-5.25');
insert into app.clinics values ('south', 'Sue', 0, 0), ('west', 'Wim', 1, 1);
