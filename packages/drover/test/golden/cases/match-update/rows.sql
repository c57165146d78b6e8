insert into legacy.articles values
  (11, 'bell', 'Bell, loud', '9.90', '["new"]'), (12, 'LAMP', 'Lamp', '20', null), (13, 'tyre', 'Tyre', '30', null),
  (14, 'lock', null, 'ask us', null), (15, 'pump', 'Pump', '15.00', null);
insert into app.articles (id, sku, title, price, tags) overriding system value values
  (1, 'bell', 'Bell', 9.00, null), (2, 'lamp', 'Lamp', 20.00, null), (3, 'lock', 'Lock', 40.00, null),
  (4, 'spoke', 'Spoke', 1.00, '{}');
