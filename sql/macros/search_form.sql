-- A name as a search compares it: small letters without accents and strokes, every run of
-- other signs one space. Greek's final sigma is a sigma. A name without any, as most are, is
-- ready in small letters: the long way takes twice the time.
create macro search_form(name) as case
    when strlen(name) = length(name) then trim(regexp_replace(lower(name), '[^a-z0-9]+', ' ', 'g'))
    else trim(regexp_replace(
        translate(
            replace(replace(replace(replace(
                strip_accents(lower(name)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            'łøđðıħŧς', 'loddihtσ'
        ),
        '[^\p{L}\p{N}]+', ' ', 'g'
    ))
end
