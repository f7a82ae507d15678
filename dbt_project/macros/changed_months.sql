{#-
Incremental models: only what changed months can touch is made again (docs/explanation/incremental-builds.md).

An input is hashed by month: each of its rows in the month in which it begins and in the month in which it ends. A model
keeps, beside itself and in the same transaction, the digests that it was made from. Where the digests of today differ
lie its changed months; what it holds of them is deleted, and made from the input again.
-#}
{% macro month_digests(input) -%}
    {#- Rows and digest of each month, from a CTE `hashed` made by hashed_by_month. -#}
    select
        '{{ input }}' as input,
        event,
        cast(month_number as int) as month_number,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(digest) as string) as digest
    from
        (
            select 'begins' as event, first_month as month_number, row_count, begun as digest
            from hashed
            union all
            select 'ends' as event, last_month as month_number, row_count, ended as digest
            from hashed
        ) as events
    group by event, month_number
{%- endmacro %}

{% macro hashed_by_month(input, begins, ends, first_day="start_date", last_day="end_date") -%}
    {#-
    `begins` are the columns that a row is known by from its first day on, `ends` those that are told by its last: an end
    that moves changes the months of both ends, and not the month of the beginning. Sums of hashes, since rows have no
    order and may be alike.
    -#}
    select
        {{ month_number(first_day) }} as first_month,
        {{ month_number(last_day) }} as last_month,
        count(*) as row_count,
        sum(cast({{ row_hash(begins) }} as decimal(38, 0))) as begun,
        sum(cast({{ row_hash(ends) }} as decimal(38, 0))) as ended
    from {{ input }}
    group by 1, 2
{%- endmacro %}

{% macro basis_digest(input, relation, columns) -%}
    {#- What every month rests on, as of month 0: where it differs, all months have changed. -#}
    select
        '{{ input }}' as input,
        'basis' as event,
        0 as month_number,
        count(*) as row_count,
        cast(sum(cast({{ row_hash(columns) }} as decimal(38, 0))) as string) as digest
    from {{ relation }}
{%- endmacro %}

{% macro changed_months(digests) -%}
    {#-
    The first and the last month in which the inputs differ from what the table was made from; none where the table is
    made whole. All months have changed where it is not known what the table was made from.
    -#}
    {#- Parsed, the digests are named so that dbt knows what is read; made whole (and in unit tests) they are not. -#}
    {%- if execute and (not this or not is_incremental()) -%} {{ return(none) }} {%- endif -%}
    {%- set now = digests_now(digests) -%}
    {%- if not execute -%} {{ return(none) }} {%- endif -%}
    {%- set kept = digests_kept() -%}
    {%- if load_relation(kept) is none -%} {{ return([0, 999999]) }} {%- endif -%}
    {%- set found = run_query(differing_months(now, kept)).rows[0] -%}
    {{ return([found[0] | int, 999999 if found[2] else found[1] | int]) }}
{%- endmacro %}

{% macro differing_months(now, kept) -%}
    select
        coalesce(min(month_number), 999999) as first_month,
        coalesce(max(month_number), -1) as last_month,
        coalesce(bool_or(month_number = 0), false) as is_basis
    from
        (
            select coalesce(today.month_number, kept.month_number) as month_number
            from ({{ now }}) as today
            full outer join
                {{ kept }} as kept
                on today.input = kept.input
                and today.event = kept.event
                and today.month_number = kept.month_number
            where
                coalesce(today.row_count, 0) <> coalesce(kept.row_count, 0)
                or coalesce(today.digest, '') <> coalesce(kept.digest, '')
        ) as differing
{%- endmacro %}

{% macro digests_now(digests) -%}
    {% for name in digests %}
        select input, event, month_number, row_count, digest
        from {{ ref(name) }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}

{% macro digests_kept() -%}
    {#- In a schema of their own, under the name of the model that was made from them. -#}
    {{ return(this.incorporate(path={"schema": "made_from"}, type="table")) }}
{%- endmacro %}

{% macro keep_digests(digests) -%}
    {#- A post-hook, within the transaction that changes the table: both are seen, or neither. -#}
    {{ "create or replace table " ~ digests_kept() ~ " as " ~ digests_now(digests) }}
{%- endmacro %}

{% macro changed_periods(digests, onwards=false) -%}
    {#-
    Codes of the periods that hold a changed month, `onwards` also those that end later; none where the table is made
    whole.
    -#}
    {%- set months = changed_months(digests) -%}
    {%- set periods = ref("stg_periods") -%}
    {%- if months is none -%} {{ return(none) }} {%- endif -%}
    {{ return(run_query(periods_within(periods, months, onwards)).columns[0].values() | list) }}
{%- endmacro %}

{% macro periods_within(periods, months, onwards) -%}
    select period_code
    from {{ periods }}
    where
        {{ month_number("end_date") }} >= {{ months[0] }}
        and ({{ onwards }} or {{ month_number("start_date") }} <= {{ months[1] }})
{%- endmacro %}

{% macro get_incremental_changed_months_sql(arg_dict) -%}
    {#-
    The strategy `changed_months`: delete what is stale, whether or not anything takes its place, and insert. The meta of
    the model says what is stale: rows of changed periods (`stale_periods`, a column), or all that reach into the first
    changed month or later (`stale_days`, a column, and as many days of slack as the next row may be away).
    -#}
    {%- set table, new = arg_dict["target_relation"], arg_dict["temp_relation"] -%}
    {%- set columns = get_quoted_csv(arg_dict["dest_columns"] | map(attribute="name")) -%}
    {{ "delete from " ~ table ~ " where " ~ stale(config.get("meta")) ~ ";" }}
    {{ "insert into " ~ table ~ " (" ~ columns ~ ") select " ~ columns ~ " from " ~ new }}
{%- endmacro %}

{% macro stale(meta) -%}
    {%- if changed_months(meta["digests"])[0] == 0 -%} true
    {%- elif meta.get("stale_periods") -%}
        {{
            in_list(
                meta["stale_periods"],
                changed_periods(meta["digests"], meta.get("onwards", false)),
            )
        }}
    {%- else -%}
        {{
            reaches(
                meta["stale_days"], meta.get("slack_days", 0), changed_months(meta["digests"])[0]
            )
        }}
    {%- endif -%}
{%- endmacro %}

{% macro reaches(day, slack_days, month) -%}
    {#- Whether a day, so many days on, lies in a month or later. -#}
    {%- if month == 0 -%} true
    {%- else -%} {{ month_number(add_days(day, slack_days)) }} >= {{ month }}
    {%- endif -%}
{%- endmacro %}

{% macro in_list(column, values) -%}
    {%- if values | length == 0 -%} false
    {%- else -%} {{ column }} in {{ text_list(values) }}
    {%- endif -%}
{%- endmacro %}
