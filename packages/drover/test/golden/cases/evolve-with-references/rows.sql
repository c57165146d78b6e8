insert into legacy.countries values (1, 'AT'), (2, 'CH');
insert into app.customers values
  (1, 'Nord', 1, null), (2, 'Nord', 2, null), (1, 'Süd', null, null), (2, 'Süd', 3, null), (3, 'Süd', 2, null);
