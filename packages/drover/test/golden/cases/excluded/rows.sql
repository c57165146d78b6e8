insert into legacy.orders values
  (1, 'paid', 10), (2, 'draft', 20), (3, 'sent', 30), (4, null, 40), (5, 'draft', -50), (6, 'paid', -60);
