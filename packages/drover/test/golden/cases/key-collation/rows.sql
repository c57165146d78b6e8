insert into legacy.words (word) values
  ('a'), ('B'), ('ä'), ('Z'), ('_x'), ('a b'), ('ab'), ('A'), ('ß'), ('z'), ('-'), ('Å');
insert into legacy.quotes values ('ä', 'one'), ('A', 'two'), ('a', 'three'), ('Ä', 'four'), ('_x', 'five');
