-- Keys that something on the way could take for something else.
insert into legacy.things values
  ('', 'NULL'), (' ', ''), ('NULL', 'null'), ('null', '{}'), ('{}', '{a,b}'), ('{a,b}', 'a,b'), ('a,b', '"'), ('"', '\'), ('\', '''; --'),
  ('''; --', E'a\nb'), (E'a\nb', '["1", "2"]'), ('["1", "2"]', 'é'), ('é', E'e\u0301'), (E'e\u0301', '🐦'), ('🐦', '$1'), ('$1', ' ');
