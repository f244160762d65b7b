-- Which entries are social places by the concept (We-ID D2.2, section 5.4): a place one can go to that is public and
-- inclusive and where people meet again and again. Hybrid is what such places often are, and decides nothing.
with entries as (
    select
        id, kind, type, status,
        [public, inclusive, repeated_encounter] as traits
    from raw.catalogue__social_places
),

judged as (
    select
        id,
        case
            when kind != 'place' then 'no_place'
            when type = 'online_platform' then 'online'
            when status in ('planned', 'ended') then 'not_running'
            when list_contains(traits, 'no') then 'trait_fails'
            when list_contains(traits, 'partly') then 'trait_in_part'
            when list_count(traits) < 3 or status = 'unknown' then 'trait_unknown'
            else 'traits_hold'
        end as social_place_basis
    from entries
),

final as (
    select
        id as social_place_id,
        case
            when social_place_basis = 'traits_hold' then true
            when social_place_basis in ('trait_in_part', 'trait_unknown') then null
            else false
        end as is_social_place,
        social_place_basis
    from judged
)

select * from final
order by social_place_id
