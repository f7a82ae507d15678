{#- How an episode ended, in the few kinds that returns and drop-out are told by (after ILR's completion status and withdrawal reason). -#}
{% macro exit_kind(status, end_reason) -%}
    case
        when {{ end_reason }} in ('died', 'moved_away')
        then 'moved_or_died'
        when {{ end_reason }} = 'transferred'
        then 'transferred'
        when
            {{ status }} = 'completed'
            or ({{ status }} is null and {{ end_reason }} in ('completed', 'found_work'))
        then 'planned'
        when {{ status }} = 'ended_early' or {{ end_reason }} is not null
        then 'unplanned'
        else 'unknown'
    end
{%- endmacro %}

{% macro wait_ending(status, start_date, end_date) -%}
    {#- What came of a referral: withdrawn holds every referral that was closed without a start and was not declined. -#}
    case
        when {{ status }} = 'declined'
        then 'declined'
        when {{ status }} = 'withdrawn'
        then 'withdrawn'
        when {{ start_date }} is not null
        then 'started'
        when {{ end_date }} is not null or {{ status }} in ('completed', 'ended_early')
        then 'withdrawn'
        else 'waiting'
    end
{%- endmacro %}
