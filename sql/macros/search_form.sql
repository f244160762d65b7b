-- A name as a search compares it: small letters without accents and strokes, every run of
-- other signs one space. Greek's final sigma is a sigma.
create macro search_form(name) as trim(regexp_replace(
    translate(
        replace(replace(replace(replace(
            strip_accents(lower(name)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'łøđðıħŧς', 'loddihtσ'
    ),
    '[^\p{L}\p{N}]+', ' ', 'g'
))
