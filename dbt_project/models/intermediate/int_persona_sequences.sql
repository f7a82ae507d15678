with
    rules as (select * from {{ ref("stg_persona_rules") }} where feature_kind = 'sequence'),

    steps as (select * from {{ ref("int_steps") }}),

    lengths as (
        select persona_id, clause_no, max(step_no) as length
        from rules
        group by persona_id, clause_no
    ),

    -- The earliest way through the sequence: the first use of its first service, then the first
    -- use of the second after that, and so on; other services may come between.
    reached_1 as (
        select rules.persona_id, rules.clause_no, steps.person_key, min(steps.step_no) as step_no
        from steps
        inner join rules on steps.service_id = rules.feature_code
        where rules.step_no = 1
        group by rules.persona_id, rules.clause_no, steps.person_key
    ),

    {% for number in range(2, sequence_steps() + 1) %}
        reached_{{ number }} as (
            select
                reached.persona_id,
                reached.clause_no,
                reached.person_key,
                min(steps.step_no) as step_no
            from reached_{{ number - 1 }} as reached
            inner join
                rules
                on reached.persona_id = rules.persona_id
                and reached.clause_no = rules.clause_no
            inner join
                steps
                on reached.person_key = steps.person_key
                and rules.feature_code = steps.service_id
            where rules.step_no = {{ number }} and steps.step_no > reached.step_no
            group by reached.persona_id, reached.clause_no, reached.person_key
        ),
    {% endfor %}

    reached as (
        {% for number in range(2, sequence_steps() + 1) %}
            select persona_id, clause_no, person_key, {{ number }} as length, step_no
            from reached_{{ number }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    final as (
        select
            reached.persona_id,
            reached.clause_no,
            reached.person_key,
            steps.start_date as completed_date
        from reached
        inner join
            lengths
            on reached.persona_id = lengths.persona_id
            and reached.clause_no = lengths.clause_no
            and reached.length = lengths.length
        inner join
            steps on reached.person_key = steps.person_key and reached.step_no = steps.step_no
    )

select *
from final
