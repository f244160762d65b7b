-- The official urban-rural type of a NUTS-3 region, split by closeness to a city (Dijkstra and
-- Poelman 2008). The split is re-computed, not official. Exactly half close is close.
create macro urban_rural_remoteness(type, close_share, moved := null::map(varchar, double)) as case
    when type = 'predominantly urban' then type
    when close_share >= threshold('remoteness_close_share', moved) then type || ', close to a city'
    when close_share is not null then type || ', remote'
end
