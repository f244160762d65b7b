-- Class of the Italian inner areas by minutes to a pole, at the minutes of the edition in use.
-- Re-computed, not official. A pole is 0 minutes from itself and every other place more.
create macro snai_class(minutes, moved := null::map(varchar, double)) as case
    when minutes is null then null
    when minutes = 0 then 'pole'
    when minutes < snai_limit('belt', moved) then 'belt'
    when minutes < snai_limit('intermediate', moved) then 'intermediate'
    when minutes <= snai_limit('peripheral', moved) then 'peripheral'
    else 'ultra-peripheral'
end
