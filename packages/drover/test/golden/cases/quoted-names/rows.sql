insert into legacy."Customer Orders" values
  ('O''1', 1, 'hello', 'klein', null), ('o"2', null, '  hi ', null, 'O''1'), ('o3', 3, null, 'groß', 'gone');
